#!/bin/bash
# ============================================================================
# nightly.sh - An example for cron: a list of films, results beside them, a line each
# ============================================================================
# Version: 1.0.0
# Date: 2026-11-30
#
# Runs the films of a list one after another, delivers beside them and prints how each ended: its status,
# exit code, name, and its subtitles or what was wrong. A film that is done is not done again; one that was
# stopped goes on. Copy it and change it. jq reads the JSON, or python3 where jq is missing.
# Exit codes: those of ./run-pipeline.sh: 0 when all films ended well (done, no speech, nothing to do), that of
# the films that did not where it is one, else 1.
#
# Usage:
#   tools/examples/nightly.sh LIST [OPTIONS OF ./run-pipeline.sh]
#
# Options:
#   -h, --help      Show this help message
#
# Examples:
#   tools/examples/nightly.sh films.txt -s hi -t en
#   0 1 * * *  /opt/cp-whisperx/tools/examples/nightly.sh /films/new.txt -s hi -t en    (in a crontab)
# ============================================================================

set -euo pipefail

ROOT="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd)"
readonly ROOT

if [[ $# -eq 0 || "$1" == -h || "$1" == --help ]]; then
    sed -n '5,/^# ===/{/^# ===/d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
    [[ $# -gt 0 ]] && exit 0 || exit 2
fi

EVENTS="$(mktemp)"
readonly EVENTS
trap 'rm -f "$EVENTS"' EXIT

code=0
"$ROOT/run-pipeline.sh" subtitle --list "$1" --beside --json "${@:2}" > "$EVENTS" || code=$?

if command -v jq > /dev/null; then
    jq -r 'select(.event == "result")
        | [.status, .exit_code, .film // .target, .errors[0].cause // (.subtitles | keys | join(" "))]
        | @tsv' "$EVENTS"
else
    python3 - "$EVENTS" << 'PYTHON'
import json
import sys

for event in map(json.loads, open(sys.argv[1], encoding="utf-8")):
    if event["event"] == "result":
        told = [one["cause"] for one in event["errors"][:1]] or [" ".join(event["subtitles"])]
        film = event["film"] or event["target"]
        fields = [event["status"], event["exit_code"], film, *told]
        tabs = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
        print("\t".join(str(one).translate(str.maketrans(tabs)) for one in fields))
PYTHON
fi
exit "$code"
