#!/usr/bin/env python3
"""
Measure script repair: how much of a transcript is in its script, and what the repair was worth.

Compares what the engine wrote and what it was repaired to with a reference, by characters and by
words. Works in venv/common.

Usage:
    venv/common/bin/python tools/measure_script_repair.py TRANSCRIPT.json REFERENCE.txt
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.errors import EXIT_SUCCESS, InputError  # noqa: E402
from shared.transcript.schemas import Transcript  # noqa: E402
from tools.measure_word_errors import normalise  # noqa: E402


def edits(reference: Sequence[str], heard: Sequence[str]) -> int:
    """Return how many replacements, insertions and deletions make one sequence the other."""
    row = list(range(len(heard) + 1))
    for index, expected in enumerate(reference, 1):
        diagonal, row[0] = row[0], index
        for place, got in enumerate(heard, 1):
            diagonal, row[place] = row[place], min(
                row[place] + 1, row[place - 1] + 1, diagonal + (expected != got)
            )
    return row[-1]


def error_rates(reference: str, heard: str) -> dict[str, float]:
    """Return character and word error, as shares of the reference.

    Args:
        reference: What was said.
        heard: What was written.
    """
    right, got = normalise(reference), normalise(heard)
    return {
        "cer": round(edits(" ".join(right), " ".join(got)) / max(1, len(" ".join(right))), 4),
        "wer": round(edits(right, got) / max(1, len(right)), 4),
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
    """Measure one transcript and print the figures; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[1])
    parser.add_argument("transcript", type=Path, help="segments_aligned.json or transcript.json")
    parser.add_argument("reference", type=Path, help="text file")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    options = parser.parse_args(arguments)
    try:
        transcript = Transcript.model_validate_json(options.transcript.read_bytes())
        figures = measure(transcript, options.reference.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        print(f"It cannot be read: {error}", file=sys.stderr)
        return InputError.exit_code
    print(json.dumps(figures, indent=2))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return EXIT_SUCCESS


if __name__ == "__main__":
    sys.exit(main())
