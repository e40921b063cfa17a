#!/bin/bash
# ============================================================================
# backup - settings, secrets, glossary and, if asked, all jobs, encrypted
# ============================================================================
# Usage:
#   tools/backup.sh --to DIR --recipients FILE                    # age, public keys
#   tools/backup.sh --to DIR --passphrase-file FILE [--outputs] [--keep 14]
#
# Encrypts with age for the public keys in FILE, or with gpg (AES-256) and the
# passphrase in FILE, which nobody else may read. No secret stands on a command
# line. Each backup is read back before it gets its name; of those in DIR the
# newest --keep stay. Caches and half-done work are left out.
# Exit codes: 0 success, 1 failure, 2 wrong use, 3 age, gpg or space is missing.
# ============================================================================

set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
readonly ROOT

fail() {
    printf 'error: %s\nhint: %s\n' "$2" "$3" >&2
    exit "$1"
}

TO="" RECIPIENTS="" PASSPHRASE="" OUTPUTS=0 KEEP=14
while [[ $# -gt 0 ]]; do
    case "$1" in
        --to) TO="${2:-}" && shift 2 ;;
        --recipients) RECIPIENTS="${2:-}" && shift 2 ;;
        --passphrase-file) PASSPHRASE="${2:-}" && shift 2 ;;
        --keep) KEEP="${2:-}" && shift 2 ;;
        --outputs) OUTPUTS=1 && shift ;;
        -h | --help) sed -n '5,16s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" && exit 0 ;;
        *) fail 2 "Unknown option $1" "tools/backup.sh --help" ;;
    esac
done
[[ -n "$TO" ]] || fail 2 "Name a folder for the backup" "tools/backup.sh --to DIR --help"
[[ "$KEEP" =~ ^[1-9][0-9]*$ ]] || fail 2 "--keep $KEEP is not a number" "--keep 14"
[[ -n "$RECIPIENTS$PASSPHRASE" ]] || fail 2 "A backup is never written unencrypted" \
    "--passphrase-file FILE (chmod 600), or --recipients FILE for age"
for file in "$RECIPIENTS" "$PASSPHRASE"; do
    [[ -z "$file" || -s "$file" ]] || fail 2 "No such file, or it is empty: $file" "Check the path"
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

mkdir -p "$TO"
WORK="$(mktemp -d "$TO/.backup.XXXXXX")"
# gpg's agent listens on a socket in its home: a long path would be too long for it.
AGENT_HOME="$(mktemp -d)"
clean_up() {
    gpgconf --homedir "$AGENT_HOME" --kill gpg-agent 2> /dev/null || true
    rm -rf "$WORK" "$AGENT_HOME"
}
trap clean_up EXIT

WHAT=(config glossary)
[[ "$OUTPUTS" -eq 0 || ! -d "$ROOT/out" ]] || WHAT+=(out)
tar -C "$ROOT" --exclude=.cache --exclude=.scratch --exclude=.lock --exclude=hardware_cache.json \
    -czf - "${WHAT[@]}" | encrypt > "$WORK/backup" \
    || fail 1 "The backup could not be written" "Is there space in $TO?"
read_back "$WORK/backup" || fail 1 "The backup cannot be read back" "Is there space in $TO?"
sync "$WORK/backup"

NAME="cp-whisperx-$(date -u +%Y%m%dT%H%M%SZ).tar.gz.$SUFFIX"
mv "$WORK/backup" "$TO/$NAME"
find "$TO" -maxdepth 1 -name 'cp-whisperx-*.tar.gz.*' | sort -r | tail -n "+$((KEEP + 1))" \
    | while IFS= read -r old; do rm -f "$old"; done
printf '%s\n' "$TO/$NAME"
