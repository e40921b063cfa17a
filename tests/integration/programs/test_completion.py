#!/usr/bin/env python3
"""Tests of the verb completion: what a real bash offers with the script that it writes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from shared.core.paths import PROJECT_ROOT
from tests.support.commands import assert_refused, run_command

RUN = "./run-pipeline.sh"
# As bash asks at the Tab key: the words so far, the last of which is begun.
ASK = r"""
set -euo pipefail
source "$1"; shift
function_of=$(complete -p run-pipeline.sh | sed 's/.*-F \([^ ]*\).*/\1/')
for line in "$@"; do
  read -ra COMP_WORDS <<<"$line"
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$line COMP_POINT=${#line} COMPREPLY=()
  "$function_of" "${COMP_WORDS[0]}" "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}" || true
  echo "${COMPREPLY[*]}"
done
"""


def test_bash_offers_verbs_options_stages_and_files(tmp_path: Path) -> None:
    script = tmp_path / "completion.bash"
    script.write_text(run_command(RUN, "completion", "bash").stdout, encoding="utf-8")
    offers = {
        "su": "subtitle",
        "subtitle --be": "--beside",
        "transcribe film.mkv --from a": "asr alignment",
        "jobs s": "show",
        "jobs remove --dr": "--dry-run",
        "why py": "pyannote_vad",
        "batch --recu": "--recursive",
        "subtitle READ": "README.md",
        "subtitle film.mkv --deliver tes": "tests",
        "desk --no": "--no-browser",
        "demo --nothing": "",
    }
    asked = subprocess.run(
        ["bash", "-c", ASK, "bash", script, *(f"{RUN} {line}" for line in offers)],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.stderr == ""
    assert dict(zip(offers, asked.stdout.splitlines(), strict=True)) == offers


@pytest.mark.parametrize("shell", ["fish", ""])
def test_another_shell_is_refused(shell: str) -> None:
    assert_refused(run_command(RUN, "completion", shell), 2, "invalid choice")
