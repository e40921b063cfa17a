#!/bin/bash
# ============================================================================
# run-pipeline.sh - Run or resume a job, or run the demo
# ============================================================================
# Version: 1.1.0
# Date: 2026-11-30
#
# Creates the environment "common" when it is missing, then hands over to
# scripts/run-pipeline.py. A job that was stopped, however, goes on where it was.
#
# Usage:
#   ./run-pipeline.sh transcribe|translate|subtitle JOB_DIR|FILE [OPTIONS]
#   ./run-pipeline.sh demo
#   ./run-pipeline.sh why STAGE JOB_DIR
#   ./run-pipeline.sh batch DIR|FILE|GLOB|@LIST... [OPTIONS]
#   ./run-pipeline.sh status [JOB_DIR|BATCH] | pause | resume | stop | cancel FILM | first FILM
#   ./run-pipeline.sh jobs [list|find WORDS|show JOB|remove JOB|clean --older-than 30d]
#
# Options:
#   -h, --help      Show every option
#
# Examples:
#   ./run-pipeline.sh subtitle "My Film (2019).mkv" -s auto -t en
#   ./run-pipeline.sh translate path/to/job/dir
# ============================================================================

set -euo pipefail

SCRIPT_DIR="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)"
readonly SCRIPT_DIR
readonly PYTHON="$SCRIPT_DIR/venv/common/bin/python"

if [[ ! -e "$SCRIPT_DIR/venv/common/.bootstrap.json" ]]; then
    for argument in "$@"; do  # help needs no environment, and makes none
        [[ "$argument" != -- ]] || break
        if [[ "$argument" == -h || "$argument" == --help ]]; then
            exec python3 -B "$SCRIPT_DIR/scripts/run-pipeline.py" "$@"
        fi
    done
    "$SCRIPT_DIR/bootstrap.sh" --env common >&2
fi
unset PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE
# Looking through all packages for plugins of a library takes longer than any check of a job.
export PYDANTIC_DISABLE_PLUGINS=__all__
exec "$PYTHON" "$SCRIPT_DIR/scripts/run-pipeline.py" "$@"
