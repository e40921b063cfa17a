#!/bin/bash
# ============================================================================
# restore.sh - Unpack a backup into an empty folder
# ============================================================================
# Version: 1.1.0
# Date: 2026-11-30
#
# The folder must be empty or not there; it is filled whole or not at all, and only you may enter
# it. Copy from it what you need: config/, glossary/, out/. A backup may be a stranger's: what it
# holds belongs to who restores it, who may enter each folder; setuid, setgid and sticky bits are
# cleared, devices and pipes left out, links told. Exit codes: 0 success, 1 failure, 2 wrong use, 3
# age, gpg or a writable folder is missing.
#
# Usage:
#   tools/restore.sh BACKUP --into DIR --passphrase-file FILE    # made with gpg
#   tools/restore.sh BACKUP --into DIR --identity FILE           # made with age
#
# Options:
#   -h, --help              Show this help message
#   --into DIR              The empty folder
#   --passphrase-file FILE  Passphrase of gpg
#   --identity FILE         Private key of age
#
# Examples:
#   tools/restore.sh /backup/cp-whisperx-….tar.gz.gpg --into restored --passphrase-file ~/.cp-key
# ============================================================================

set -euo pipefail

fail() {
    printf 'error: %s\nhint: %s\n' "${2//[[:cntrl:]]/?}" "${3//[[:cntrl:]]/?}" >&2
    exit "$1"
}

BACKUP="" INTO="" PASSPHRASE="" IDENTITY=""
while [[ $# -gt 0 ]]; do
    case "$1" in
        --into | --passphrase-file | --identity)
            [[ -n "${2:-}" ]] || fail 2 "$1 wants a value" "tools/restore.sh --help" ;;
    esac
    case "$1" in
        --into) INTO="${2:-}" && shift 2 ;;
        --passphrase-file) PASSPHRASE="${2:-}" && shift 2 ;;
        --identity) IDENTITY="${2:-}" && shift 2 ;;
        -h | --help) sed -n '5,/^# ===/{/^# ===/d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" && exit 0 ;;
        -*) fail 2 "Unknown option $1" "tools/restore.sh --help" ;;
        *)
            [[ -z "$BACKUP" ]] || fail 2 "Two backups are named: $BACKUP and $1" "One at a time"
            BACKUP="$1" && shift ;;
    esac
done
[[ -f "$BACKUP" ]] || fail 2 "No such backup: ${BACKUP:-none named}" "tools/restore.sh --help"
[[ -n "$INTO" ]] || fail 2 "Name a folder to restore into" "--into DIR"
[[ -n "$PASSPHRASE$IDENTITY" ]] || fail 2 "No key is named" "--passphrase-file FILE or --identity FILE"
[[ -z "$PASSPHRASE" || -z "$IDENTITY" ]] || fail 2 "Two keys are named" \
    "Either --passphrase-file FILE or --identity FILE"
[[ -f "$PASSPHRASE$IDENTITY" ]] || fail 2 "No such file: $PASSPHRASE$IDENTITY" "Check the path of the key"
[[ "$INTO" != -* ]] || INTO="./$INTO"
if [[ -L "${INTO%/}" ]]; then
    fail 2 "$INTO is a link" "Name an empty folder; nothing is ever overwritten"
fi
if [[ -e "$INTO" && ! -d "$INTO" ]]; then
    fail 2 "$INTO is a file" "Name an empty folder; nothing is ever overwritten"
fi
if [[ -d "$INTO" && -n "$(ls -A "$INTO")" ]]; then
    fail 2 "$INTO is not empty" "Name an empty folder; nothing is ever overwritten"
fi

if [[ -d "$INTO" && "$INTO" -ef . ]]; then
    fail 2 "$INTO is the folder that you are in" "Name another; it is put in place whole"
fi

if [[ -n "$IDENTITY" ]]; then PROGRAM=age; else PROGRAM=gpg; fi
command -v "$PROGRAM" > /dev/null || fail 3 "$PROGRAM is not installed" "apt-get install $PROGRAM"

mkdir -p "$(dirname "$INTO")" 2> /dev/null && [[ -w "$(dirname "$INTO")" ]] \
    || fail 3 "Cannot write to $(dirname "$INTO")" "Name a folder on a disk that is writable"
WORK="$(mktemp -d "$(dirname "$INTO")/.restore.XXXXXX")"
# gpg's agent listens on a socket in its home: a long path would be too long for it.
AGENT_HOME="$(mktemp -d)"
# Else nothing could be looked at, or removed, in a folder that a stranger closed.
open_folders() {
    find "$WORK" -type d ! -perm -700 -exec chmod u+rwx {} \;
}
clean_up() {
    gpgconf --homedir "$AGENT_HOME" --kill gpg-agent 2> /dev/null || true
    open_folders || true
    rm -rf "$WORK" "$AGENT_HOME"
}
trap clean_up EXIT
mkdir -m 700 "$WORK/files"

decrypt() {
    if [[ -n "$IDENTITY" ]]; then
        age --decrypt --identity "$IDENTITY" "$BACKUP"
    else
        gpg --homedir "$AGENT_HOME" --batch --quiet --no-tty --pinentry-mode loopback \
            --passphrase-file "$PASSPHRASE" --decrypt "$BACKUP" 2> "$WORK/said"
    fi
}

decrypt | tar -C "$WORK/files" --no-same-owner -xzf - 2> /dev/null \
    || fail 1 "The backup cannot be opened" "Is it the right key, and is $BACKUP whole?"
open_folders
# Names may be a stranger's: what draws on a terminal is told as $'…'.
tell() {
    while IFS= read -r -d '' path; do printf 'warning: %s: %q\n' "$1" "${path#"$WORK/files/"}" >&2; done
}
find "$WORK/files" ! -type f ! -type d ! -type l -exec rm -f {} \; -print0 \
    | tell "left out, neither file nor folder"
find "$WORK/files" ! -type l \( -perm -4000 -o -perm -2000 -o -perm -1000 \) -exec chmod a-s,a-t {} +
find "$WORK/files" -type l -print0 | tell "is a link"
[[ ! -d "$INTO" ]] || rmdir "$INTO"
mv "$WORK/files" "$INTO"
chmod 700 "$INTO"
printf '%s\n' "$INTO"
