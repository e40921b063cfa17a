#!/bin/bash
# ============================================================================
# backup.sh - Settings, secrets, glossary and, if asked, all jobs, encrypted
# ============================================================================
# Version: 1.1.0
# Date: 2026-11-30
#
# Encrypts with age for the public keys in a file, or with gpg (AES-256) and the passphrase in a
# file that nobody else may read. No secret stands on a command line. Each backup is read back before
# it gets its name. Caches and half-done work are left out. Exit codes: 0 success, 1 failure,
# 2 wrong use, 3 age, gpg or space is missing.
#
# "Encrypted" promises: who has the file but not the key reads nothing in it, and a file that was
# changed does not open. It does not promise: that name, size and time of a backup tell nothing; that
# a backup made for age's public keys is yours (anybody can make one: restore it as a stranger's);
# that it opens without the key, which is in no backup; that what is restored is encrypted.
#
# Backups are told apart by machine, checkout and kind (settings, or full with --outputs), and
# numbered. Of its own machine, checkout and kind the last N stay, whatever any clock says; others
# are never removed.
#
# Usage:
#   tools/backup.sh --to DIR --recipients FILE                    # age
#   tools/backup.sh --to DIR --passphrase-file FILE [--outputs] [--keep N]   # gpg
#
# Options:
#   -h, --help              Show this help message
#   --to DIR                Where the backups lie
#   --recipients FILE       Public keys of age
#   --passphrase-file FILE  Passphrase for gpg
#   --outputs               The jobs too
#   --keep N                Keep the last N of this machine, checkout and kind (14)
#   --name NAME             Instead of the machine's name: where that is another each time
#
# Examples:
#   tools/backup.sh --to /backup --passphrase-file ~/.cp-key --keep 14
# ============================================================================

set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
readonly ROOT

fail() {
    printf 'error: %s\nhint: %s\n' "${2//[[:cntrl:]]/?}" "${3//[[:cntrl:]]/?}" >&2
    exit "$1"
}

TO="" RECIPIENTS="" PASSPHRASE="" OUTPUTS=0 KEEP=14 NAME=""
while [[ $# -gt 0 ]]; do
    case "$1" in
        --to | --recipients | --passphrase-file | --keep | --name)
            [[ -n "${2:-}" ]] || fail 2 "$1 wants a value" "tools/backup.sh --help" ;;
    esac
    case "$1" in
        --to) TO="${2:-}" && shift 2 ;;
        --recipients) RECIPIENTS="${2:-}" && shift 2 ;;
        --passphrase-file) PASSPHRASE="${2:-}" && shift 2 ;;
        --keep) KEEP="${2:-}" && shift 2 ;;
        --name) NAME="${2:-}" && shift 2 ;;
        --outputs) OUTPUTS=1 && shift ;;
        -h | --help) sed -n '5,/^# ===/{/^# ===/d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" && exit 0 ;;
        *) fail 2 "Unknown option $1" "tools/backup.sh --help" ;;
    esac
done
[[ -n "$TO" ]] || fail 2 "Name a folder for the backup" "tools/backup.sh --to DIR --help"
[[ "$TO" != -* ]] || TO="./$TO"
[[ "$KEEP" =~ ^[1-9][0-9]{0,5}$ ]] || fail 2 "--keep $KEEP is not a number from 1 to 999999" "--keep 14"
[[ -z "$NAME" || "$NAME" =~ ^[A-Za-z0-9][A-Za-z0-9._]*$ ]] \
    || fail 2 "--name $NAME cannot be part of a file's name" "Letters, digits, dots and underscores"
[[ -n "$RECIPIENTS$PASSPHRASE" ]] || fail 2 "A backup is never written unencrypted" \
    "--passphrase-file FILE (chmod 600), or --recipients FILE for age"
[[ -z "$RECIPIENTS" || -z "$PASSPHRASE" ]] || fail 2 "Two keys are named" \
    "Either --passphrase-file FILE or --recipients FILE"
for file in "$RECIPIENTS" "$PASSPHRASE"; do
    [[ -z "$file" || ( -f "$file" && -s "$file" ) ]] \
        || fail 2 "No such file, or it is empty: $file" "Check the path"
done
if [[ -n "$PASSPHRASE" && -n "$(find "$PASSPHRASE" \( -perm -040 -o -perm -004 \))" ]]; then
    fail 2 "Others may read $PASSPHRASE" "chmod 600 '$PASSPHRASE'"
fi

encrypt() {
    if [[ -n "$RECIPIENTS" ]]; then
        age --encrypt --recipients-file "$RECIPIENTS"
    else
        gpg --homedir "$AGENT_HOME" --batch --quiet --no-tty --pinentry-mode loopback \
            --passphrase-file "$PASSPHRASE" --symmetric --cipher-algo AES256
    fi
}

# A backup for age's public keys can only be opened by who holds the private one.
read_back() {
    if [[ -n "$RECIPIENTS" ]]; then
        head -c 21 "$1" | grep -q '^age-encryption.org/v1'
    else
        gpg --homedir "$AGENT_HOME" --batch --quiet --no-tty --pinentry-mode loopback \
            --passphrase-file "$PASSPHRASE" --decrypt "$1" | tar -tzf - > /dev/null
    fi
}

if [[ -n "$RECIPIENTS" ]]; then PROGRAM=age SUFFIX=age; else PROGRAM=gpg SUFFIX=gpg; fi
command -v "$PROGRAM" > /dev/null || fail 3 "$PROGRAM is not installed" "apt-get install $PROGRAM"

mkdir -p "$TO" 2> /dev/null && [[ -w "$TO" ]] \
    || fail 3 "Cannot write to $TO" "Is it a folder, on a disk that is mounted and writable?"
umask 077
WORK="$(mktemp -d "$TO/.backup.XXXXXX")"
# gpg's agent listens on a socket in its home: a long path would be too long for it.
AGENT_HOME="$(mktemp -d)"
clean_up() {
    gpgconf --homedir "$AGENT_HOME" --kill gpg-agent 2> /dev/null || true
    rm -rf "$WORK" "$AGENT_HOME"
}
trap clean_up EXIT

# Jobs lie where OUTPUT_ROOT says, and are backed up as out/ wherever that is.
WHAT=(config/. glossary/.) KIND=settings
while IFS= read -r -d '' link; do
    printf 'warning: %q is a link: what it leads to is not in the backup\n' "$link" >&2
done < <(cd "$ROOT" && find config/. glossary/. -type l -print0)
if [[ "$OUTPUTS" -eq 1 ]]; then
    SETTING="s/^OUTPUT_ROOT=['\"]\{0,1\}\([^'\"]*\).*/\1/p"
    SETTINGS="${CP_CONFIG:-$ROOT/config/.env.pipeline}"
    SETTINGS="${SETTINGS/#\~/$HOME}"
    SETTING="$(sed -n "$SETTING" "$SETTINGS" "$(dirname "$SETTINGS")/.env.local" 2> /dev/null \
        | tail -n 1 || true)"
    JOBS="${CP_OUTPUT_ROOT:-${SETTING:-out}}"
    JOBS="${JOBS/#\~/$HOME}"
    [[ "$JOBS" == /* ]] || JOBS="$ROOT/$JOBS"
    [[ -d "$JOBS" ]] || fail 2 "There are no outputs in $JOBS" "Leave out --outputs, or see OUTPUT_ROOT"
    mkdir "$WORK/jobs"
    ln -s "$(cd "$JOBS" && pwd -P)" "$WORK/jobs/out"
    WHAT+=(-C "$(cd "$WORK" && pwd)/jobs" out/.) KIND=full
fi
# A run that goes on writes its logs meanwhile: GNU tar then says 1, and the rest is whole.
pack() {
    local code=0
    tar -C "$ROOT" --exclude=.cache --exclude='.cache-[0-9]*' --exclude='.desk-[0-9]*' --exclude=.scratch --exclude=.lock \
        --exclude=hardware_cache.json -czf - "${WHAT[@]}" 2> "$WORK/said" || code=$?
    [[ "$code" -eq 1 && "$(tar --version)" == *GNU* ]] && code=0
    [[ "$code" -eq 0 ]] || cat "$WORK/said" >&2
    return "$code"
}

pack | encrypt > "$WORK/backup" \
    || fail 1 "The backup could not be written" "Is there space in $TO?"
read_back "$WORK/backup" || fail 1 "The backup cannot be read back" "Is there space in $TO?"
sync "$WORK/backup"

# One name a machine, checkout and kind; its number grows by one, so no clock decides which is newer.
NAME="${NAME:-$(uname -n | tr -c 'A-Za-z0-9._\n' _)}"
OWN="cp-whisperx-$NAME-$(printf '%s' "$ROOT" | cksum | cut -d ' ' -f 1)-$KIND-"
numbers() {
    find "$TO" -maxdepth 1 -type f -name "$OWN*" | while IFS= read -r one; do
        one="${one##*/}" && one="${one#"$OWN"}" && one="${one%%-*}"
        [[ ! "$one" =~ ^[0-9]{6}$ ]] || printf '%s\n' "$one"
    done | sort -u
}
NUMBER="$(numbers | tail -n 1)"
NUMBER="$((10#${NUMBER:-0}))"
while [[ -e "$WORK/backup" ]]; do  # until it has a name: two may be made at once
    NUMBER=$((NUMBER + 1))
    [[ "$NUMBER" -le 999999 ]] || fail 1 "No number is left for a backup in $TO" "Move old ones away"
    MADE="$TO/$OWN$(printf '%06d' "$NUMBER")-$(date -u +%Y%m%dT%H%M%SZ).tar.gz.$SUFFIX"
    mv -n "$WORK/backup" "$MADE" || true
done
numbers | sort -r | tail -n "+$((KEEP + 1))" | while IFS= read -r old; do
    find "$TO" -maxdepth 1 -type f -name "$OWN$old-*" -exec rm -f {} +
done
printf '%s\n' "$MADE"
