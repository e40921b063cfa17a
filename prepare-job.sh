#!/bin/bash
# ============================================================================
# prepare-job.sh - Check a film and create its job
# ============================================================================
# Version: 1.1.0
# Date: 2026-11-30
#
# Creates the environment "common" when it is missing, then hands over to
# scripts/prepare-job.py, which checks the media and writes the job directory
# out/YYYY/MM/DD/<user>/<N>/ with its job.json. The last line on standard output is
# the job directory.
#
# Usage:
#   ./prepare-job.sh --media FILE --workflow W -s LANG|auto [-t LANG,...] [OPTIONS]
#
# Options:
#   -h, --help      Show every option
#
# Examples:
#   ./prepare-job.sh --media film.mp4 --workflow translate -s hi -t en
# ============================================================================

set -euo pipefail

SCRIPT_DIR="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)"
readonly SCRIPT_DIR
readonly PYTHON="$SCRIPT_DIR/venv/common/bin/python"

if [[ ! -e "$SCRIPT_DIR/venv/common/.bootstrap.json" ]]; then
    for argument in "$@"; do  # help needs no environment, and makes none
        [[ "$argument" != -- ]] || break
        if [[ "$argument" == -h || "$argument" == --help ]]; then
            exec python3 -B "$SCRIPT_DIR/scripts/prepare-job.py" "$@"
        fi
    done
    "$SCRIPT_DIR/bootstrap.sh" --env common >&2
fi
unset PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE
exec "$PYTHON" "$SCRIPT_DIR/scripts/prepare-job.py" "$@"
