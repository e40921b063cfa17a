#!/bin/bash
# ============================================================================
# prepare-job - check a film and create its job
# ============================================================================
# Usage:
#   ./prepare-job.sh --help
#
# Creates the environment "common" when it is missing, then hands over to
# scripts/prepare-job.py.
# ============================================================================

set -euo pipefail

SCRIPT_DIR="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)"
readonly SCRIPT_DIR
readonly PYTHON="$SCRIPT_DIR/venv/common/bin/python"

if [[ ! -e "$SCRIPT_DIR/venv/common/.bootstrap.json" ]]; then
    "$SCRIPT_DIR/bootstrap.sh" --env common >&2
fi
unset PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE
exec "$PYTHON" "$SCRIPT_DIR/scripts/prepare-job.py" "$@"
