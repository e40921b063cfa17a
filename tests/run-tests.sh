#!/bin/bash
# ============================================================================
# run-tests.sh - Set up whatever is missing, then run every test
# ============================================================================
# Version: 1.1.0
# Date: 2026-11-30
#
# Without arguments all tests run, and the coverage of shared/ and scripts/ must reach
# 80%: an hour on two CPUs, less on fast ones, and minutes more the first time, for the libraries.
# With arguments pytest gets them instead. Exit codes: pytest's (0 all passed, 1 some failed),
# 3 something is missing.
#
# Usage:
#   ./tests/run-tests.sh [PYTEST ARGUMENTS]
#
# Options:
#   -h, --help      Show this help message
#
# Examples:
#   ./tests/run-tests.sh
#   ./tests/run-tests.sh tests/unit -k glossary
# ============================================================================

set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
readonly ROOT

if [[ "${1:-}" == "-h" || "${1:-}" == "--help" ]]; then
    sed -n '5,/^# ===/{/^# ===/d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
    exit 0
fi

"$ROOT/bootstrap.sh" --all
cd "$ROOT"
unset PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE

if [[ $# -gt 0 ]]; then
    exec venv/common/bin/python -m pytest --complete "$@"
fi
echo "Every test: an hour on two CPUs, less on fast ones; 'tests/run-tests.sh tests/unit' takes two minutes"
exec venv/common/bin/python -m pytest --complete --junitxml=test-results.xml \
    --cov --cov-report=term --cov-report=xml --cov-report=html --cov-fail-under=80 --durations=15
