#!/bin/bash
# ============================================================================
# run-pipeline - run or resume a job, or run the demo
# ============================================================================
# Usage:
#   ./run-pipeline.sh --help
#
# Creates the environment "common" when it is missing, then hands over to
# scripts/run-pipeline.py.
# ============================================================================

set -euo pipefail

SCRIPT_DIR="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)"
readonly SCRIPT_DIR
readonly PYTHON="$SCRIPT_DIR/venv/common/bin/python"

if [[ ! -e "$SCRIPT_DIR/venv/common/.bootstrap.json" ]]; then
    "$SCRIPT_DIR/bootstrap.sh" --env common >&2
fi
unset PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE
# Looking through all packages for plugins of a library takes longer than any check of a job.
export PYDANTIC_DISABLE_PLUGINS=__all__
exec "$PYTHON" "$SCRIPT_DIR/scripts/run-pipeline.py" "$@"
