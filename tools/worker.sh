#!/bin/bash
# ============================================================================
# worker.sh - This machine as a worker of a cluster of batches, or its scheduler
# ============================================================================
# Version: 1.0.0
# Date: 2026-11-30
#
# A worker checks its environments and models and offers what is good. TERM drains it: it takes
# nothing more, ends what it has, and goes. Exit codes: 0 gone, 2 wrong use, 3 certificates or
# venv/batch are missing.
#
# Usage:
#   tools/worker.sh tls://HOST:PORT [--folder DIR] [--name NAME]
#   tools/worker.sh --scheduler [--port N]
#
# Options:
#   -h, --help      Show the help of tools/worker.py
#   --scheduler     Be the scheduler, at which workers and batches meet
#   --port N        On which it listens (8786)
#   --folder DIR    The worker's own: files by their content, and its attempts
#   --name NAME     What it is called (the machine's name)
#
# Examples:
#   tools/worker.sh tls://10.0.0.1:8786
# ============================================================================

set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
readonly ROOT
exec python3 "$ROOT/tools/worker.py" "$@"
