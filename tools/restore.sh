#!/bin/bash
# ============================================================================
# restore.sh - Unpack a backup into an empty folder
# ============================================================================
# Version: 1.1.0
# Date: 2026-11-30
#
# The folder must be empty or not there; it is filled whole or not at all, and only you may enter
# it. Copy from it what you need: config/, glossary/, out/. A backup may be a stranger's: what it
# holds belongs to who restores it, setuid, setgid and sticky bits are cleared, devices and pipes left
# out, links told. Exit codes: 0 success, 1 failure, 2 wrong use, 3 age, gpg or a writable folder is
# missing.
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
    printf 'error: %s\nhint: %s\n' "$2" "$3" >&2
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
        *) BACKUP="$1" && shift ;;
    esac
done
[[ -f "$BACKUP" ]] || fail 2 "No such backup: ${BACKUP:-none named}" "tools/restore.sh --help"
[[ -n "$INTO" ]] || fail 2 "Name a folder to restore into" "--into DIR"
[[ -f "$PASSPHRASE$IDENTITY" ]] || fail 2 "No key is named" "--passphrase-file FILE or --identity FILE"
if [[ -e "$INTO" && ! -d "$INTO" ]]; then
    fail 2 "$INTO is a file" "Name an empty folder; nothing is ever overwritten"
fi
if [[ -d "$INTO" && -n "$(ls -A "$INTO")" ]]; then
    fail 2 "$INTO is not empty" "Name an empty folder; nothing is ever overwritten"
fi

if [[ -n "$IDENTITY" ]]; then PROGRAM=age; else PROGRAM=gpg; fi
command -v "$PROGRAM" > /dev/null || fail 3 "$PROGRAM is not installed" "apt-get install $PROGRAM"

mkdir -p "$(dirname "$INTO")" 2> /dev/null && [[ -w "$(dirname "$INTO")" ]] \
    || fail 3 "Cannot write to $(dirname "$INTO")" "Name a folder on a disk that is writable"
WORK="$(mktemp -d "$(dirname "$INTO")/.restore.XXXXXX")"
# gpg's agent listens on a socket in its home: a long path would be too long for it.
AGENT_HOME="$(mktemp -d)"
clean_up() {
    gpgconf --homedir "$AGENT_HOME" --kill gpg-agent 2> /dev/null || true
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
find "$WORK/files" ! -type f ! -type d ! -type l -exec rm -f {} + \
    -exec printf 'warning: left out, neither file nor folder: %s\n' {} + >&2
find "$WORK/files" ! -type l \( -perm -4000 -o -perm -2000 -o -perm -1000 \) -exec chmod a-s,a-t {} +
find "$WORK/files" -type l -exec printf 'warning: is a link: %s\n' {} + \
    | sed "s|: $WORK/files/|: |" >&2
[[ ! -d "$INTO" ]] || rmdir "$INTO"
mv "$WORK/files" "$INTO"
chmod 700 "$INTO"
printf '%s\n' "$INTO"
