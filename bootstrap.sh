#!/bin/bash
# ============================================================================
# bootstrap.sh - Create the virtual environments that this machine needs
# ============================================================================
# Version: 1.0.0
# Date: 2026-11-23
#
# Creates specialized virtual environments for isolated dependency management (the list, with a
# description of each, is ENVIRONMENTS in shared/environment_manager.py), installs FFmpeg where that is
# allowed and writes config/hardware_cache.json. Safe to run again: does nothing when nothing is missing.
# This file only finds a Python; the work is in tools/bootstrap_environments.py.
#
# Usage:
#   ./bootstrap.sh [--env NAME]... [--all] [--profile auto|cpu|cuda|mlx] [--check [--quick] [--json]] [--force]
#
# Options:
#   -h, --help      Show this help message
#   --env NAME      Only this environment (repeatable)
#   --all           Every environment that can exist here
#   --profile P     The hardware to prepare for
#   --check         Run the engine of each environment; exit code 3 unless all needed ones work
#   --quick         With --check: look at the files only
#   --force         Make them again from nothing
#
# Examples:
#   ./bootstrap.sh
#   PYTHON=python3.12 ./bootstrap.sh --env common
# ============================================================================

set -euo pipefail

SCRIPT_DIR="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)"
readonly SCRIPT_DIR
# The environments are those of ENVIRONMENTS in shared/environment_manager.py: one list for all that
# uses it. A name that is added here and not there is refused with the row to add there.
ENVIRONMENTS=()
readonly SUITABLE='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'

for python in ${PYTHON:+"$PYTHON"} python3.11 python3.12 python3.13 python3; do
    if "$python" -c "$SUITABLE" 2>/dev/null; then
        exec "$python" "$SCRIPT_DIR/tools/bootstrap_environments.py" \
            ${ENVIRONMENTS[@]+"${ENVIRONMENTS[@]/#/--listed=}"} "$@"
    fi
    [[ -z "${PYTHON:-}" ]] || break
done

echo "error: ${PYTHON:-Python} is not a Python 3.11, 3.12 or 3.13" >&2
echo "hint: Install one (Debian: sudo apt-get install python3 python3-venv) or name it: PYTHON=/path/to/python3.11 ./bootstrap.sh" >&2
exit 3
