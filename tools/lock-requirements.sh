#!/bin/bash
# ============================================================================
# lock-requirements.sh - Write the hash lock of each environment
# ============================================================================
# Version: 1.1.0
# Date: 2026-11-30
#
# Resolves requirements/requirements-<env>.txt into requirements/locks/<env>.txt: every package, exactly
# pinned, with the hashes of its files, for Python 3.11 to 3.13 on Linux (x86_64, aarch64) and macOS (arm64).
# Versions that are locked already stay, unless --upgrade is given. Resolves against uv's own index settings
# (not pip's): a partial mirror would lock the hashes of one platform only. requirements/overrides-<env>.txt,
# where there is one, says what packages ask for and do not get. Exit codes: 0 success, 1 failure, 2 wrong
# use, 3 uv is missing, 4 uv could not resolve.
#
# Usage:
#   tools/lock-requirements.sh [--upgrade] [--here] [ENV]...      (without ENV: all of them)
#
# Options:
#   -h, --help      Show this help message
#   --upgrade       Take the newest versions that the requirements allow
#   --here          Resolve for this machine's platform and Python only, whatever the index lacks for others
#
# Examples:
#   tools/lock-requirements.sh whisperx
# ============================================================================

set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
readonly ROOT
readonly UV="$ROOT/venv/.uv/bin/uv"
PLATFORM=(--universal --python-version 3.11 --fork-strategy fewest)

function fail() {
    # Print a one-line error with its hint and exit.
    #
    # Args:
    #   $1 - Exit code
    #   $2 - Cause
    #   $3 - Hint
    printf 'error: %s\nhint: %s\n' "$2" "$3" >&2
    exit "$1"
}

function write_platforms() {
    # Write a project file that tells uv for which platforms to resolve.
    #
    # Args:
    #   $1 - Directory to write into
    cat > "$1/pyproject.toml" <<'PLATFORMS'
[project]
name = "locks"
version = "0"
requires-python = ">=3.11,<3.14"

[tool.uv]
environments = [
    "python_full_version < '3.14' and sys_platform == 'linux' and platform_machine == 'x86_64'",
    "python_full_version < '3.14' and sys_platform == 'linux' and platform_machine == 'aarch64'",
    "python_full_version < '3.14' and sys_platform == 'darwin' and platform_machine == 'arm64'",
]
PLATFORMS
}

function lock_environment() {
    # Resolve one environment and replace its lock when that worked.
    #
    # Args:
    #   $1 - Environment name
    #   $2 - Scratch directory that holds the project file
    #   $3... - Further arguments for uv
    local env="$1" scratch="$2"
    shift 2
    local lock="requirements/locks/$env.txt" draft="$scratch/$env.txt"
    [[ -f "requirements/requirements-$env.txt" ]] ||
        fail 2 "There is no requirements/requirements-$env.txt" "Write it first"
    if [[ -f "$lock" ]]; then cp "$lock" "$draft"; fi
    if [[ -f "requirements/overrides-$env.txt" ]]; then set -- --override "requirements/overrides-$env.txt" "$@"; fi
    # Every environment holds the core, whether its file says so or not; uv's own is none.
    if [[ "$env" != uv ]]; then set -- requirements/requirements-core.txt "$@"; fi
    "$UV" --project "$scratch" pip compile "requirements/requirements-$env.txt" --output-file "$draft" \
        "${PLATFORM[@]}" --generate-hashes --no-header --no-annotate \
        --no-emit-index-url --no-emit-find-links --quiet "$@" ||
        fail 4 "uv could not resolve $env (see above)" "Mend requirements/requirements-$env.txt, then: tools/lock-requirements.sh $env"
    mv "$draft" "$lock"
    echo "$lock: $(grep -c '==' "$lock") packages"
}

function main() {
    # Parse the arguments and lock each environment named, or all.
    local scratch envs=() extra=() argument file
    for argument in "$@"; do
        case "$argument" in
            -h | --help) sed -n '5,/^# ===/{/^# ===/d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; exit 0 ;;
            --here) PLATFORM=(--python "$ROOT/venv/.uv/bin/python") ;;
            --upgrade) extra+=(--upgrade) ;;
            -*) fail 2 "Unknown option $argument" "tools/lock-requirements.sh --help" ;;
            *) envs+=("$argument") ;;
        esac
    done
    cd "$ROOT"
    [[ -x "$UV" ]] || fail 3 "uv is not installed" "./bootstrap.sh --env common"
    if [[ ${#envs[@]} -eq 0 ]]; then
        for file in requirements/requirements-*.txt; do
            file="${file#requirements/requirements-}"
            if [[ "$file" != core.txt ]]; then envs+=("${file%.txt}"); fi
        done
    fi
    scratch="$(mktemp -d)"
    # shellcheck disable=SC2064  # expanded now on purpose: the trap runs outside this function
    trap "rm -rf '$scratch'" EXIT
    write_platforms "$scratch"
    mkdir -p requirements/locks
    for argument in "${envs[@]}"; do
        lock_environment "$argument" "$scratch" "${extra[@]+"${extra[@]}"}"
    done
}

main "$@"
