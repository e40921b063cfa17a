#!/usr/bin/env python3
"""
Measure script repair: how much of a transcript is in its script, and what the repair was worth.

Compares what the engine wrote and what it was repaired to with a reference, by characters and by
words. Works in venv/common.

Usage:
    venv/common/bin/python tools/measure/script_repair.py TRANSCRIPT.json REFERENCE.txt
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from pydantic import ValidationError

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.errors import EXIT_SUCCESS, InputError  # noqa: E402
from shared.core.usage import CommandParser, ended, named_path  # noqa: E402
from shared.transcript.records.schemas import Transcript  # noqa: E402
from tools.evaluation.words import character_errors, rate, word_errors  # noqa: E402


def error_rates(reference: str, hypothesis: str) -> dict[str, float]:
    """Return character and word error in percent of the reference.

    Args:
        reference: What was said.
        hypothesis: What was written.
    """
    return {
        "cer": round(rate(*character_errors(reference, hypothesis)), 1),
        "wer": round(rate(*word_errors(reference, hypothesis)), 1),
    }


def measure(transcript: Transcript, reference: str) -> dict[str, object]:
    """Return the figures of a transcript.

    Args:
        transcript: After alignment.
        reference: What was said.
    """
    segments = transcript.segments
    heard = " ".join(one.heard_text or one.text for one in segments)
    return {
        "expected_script": transcript.expected_script,
        "share_heard": transcript.heard_script_share,
        "share": transcript.script_share,
        "segments": dict(Counter(str(one.script) for one in segments)),
        "heard": error_rates(reference, heard),
        "written": error_rates(reference, " ".join(one.text for one in segments)),
    }


def main(arguments: list[str] | None = None) -> int:
    """Measure one transcript and print the figures; return the exit code.

    Args:
        arguments: Without the program's name; None takes those of the process.

    Raises:
        InputError: The transcript or the reference cannot be read.
    """
    parser = CommandParser(
        prog="tools/measure/script_repair.py", description=(__doc__ or "").split("\n\n")[1]
    )
    parser.add_argument(
        "transcript", type=named_path, help="segments_aligned.json or transcript.json"
    )
    parser.add_argument("reference", type=named_path, help="text file")
    parser.add_argument("--json", type=named_path, help="write the figures here, too")
    options = parser.parse_args(arguments)
    try:
        transcript = Transcript.model_validate_json(options.transcript.read_bytes())
        figures = measure(transcript, options.reference.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise InputError(f"It cannot be read: {error}") from error
    print(json.dumps(figures, indent=2))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return EXIT_SUCCESS


if __name__ == "__main__":
    sys.exit(ended(main))
