#!/bin/bash
# ============================================================================
# run-tests - set up whatever is missing, then run every test
# ============================================================================
# Usage:
#   ./tests/run-tests.sh                 # everything, with coverage
#   ./tests/run-tests.sh tests/unit      # any pytest arguments instead
#
# Without arguments the coverage of shared/ and scripts/ must reach 80%.
# ============================================================================

set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
readonly ROOT

"$ROOT/bootstrap.sh" --all
cd "$ROOT"
unset PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE

if [[ $# -gt 0 ]]; then
    exec venv/common/bin/python -m pytest --complete "$@"
fi
exec venv/common/bin/python -m pytest --complete --junitxml=test-results.xml \
    --cov --cov-report=term --cov-report=xml --cov-report=html --cov-fail-under=80 --durations=15
