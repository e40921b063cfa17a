#!/bin/bash
# ============================================================================
# audit-dependencies.sh - Look for known vulnerabilities in every lock
# ============================================================================
# Version: 1.0.0
# Date: 2026-11-30
#
# Asks OSV about each package of requirements/locks/ by pip-audit. Fails on one that a newer version mends,
# unless requirements/audit-allowed.toml allows it, for a reason and until a day. Exit codes: 0 nothing that
# can be mended, 1 something, 2 wrong use, 3 venv/common is missing, 4 OSV could not be asked.
#
# Usage:
#   tools/audit-dependencies.sh [--osv-url URL] [ENV]...      (without ENV: all of them)
#
# Options:
#   -h, --help      Show the help of tools/audit_dependencies.py
#   --osv-url URL   Another service with OSV's interface
#
# Examples:
#   tools/audit-dependencies.sh common web
# ============================================================================

set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
readonly ROOT
exec python3 "$ROOT/tools/audit_dependencies.py" "$@"
