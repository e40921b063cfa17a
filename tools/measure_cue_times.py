#!/usr/bin/env python3
"""
Measure cue times: how far in-times are from the onsets of their first words in a reference.

Words of cues and reference are matched in order; a cue whose first word is not found there is
counted and left out. Positive = the cue comes late.

Usage:
    venv/common/bin/python tools/measure_cue_times.py FILM.en.srt REFERENCE.json [--most 0.1]

The reference is a JSON list of {"w" or "word", "start"}, or {"lines": [{"start", "text"}]}, where
only the first word of each line is timed. Exit code 1 when the median is more than --most seconds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.errors import EXIT_FAILURE, EXIT_SUCCESS, PipelineError  # noqa: E402
from shared.subtitles.cue import Cue  # noqa: E402
from shared.subtitles.formats import read_subtitles  # noqa: E402


@dataclass(frozen=True)
class CueError:
    """How far one cue's in-time is from its first word, seconds; None = not in the reference."""

    cue: Cue
    seconds: float | None


def reference_words(document: Any) -> list[tuple[str, float | None]]:
    """Return the words of a reference, folded, with their onsets in seconds where known.

    Args:
        document: A list of words, or a mapping with "lines".
    """
    if isinstance(document, dict):
        timed: list[tuple[str, float | None]] = []
        for line in document["lines"]:
            spoken = fold(line["text"])
            timed += [(word, None if n else float(line["start"])) for n, word in enumerate(spoken)]
        return timed
    return [(word, float(one["start"])) for one in document for word in fold(text_of(one))[:1]]


def text_of(word: dict[str, Any]) -> str:
    """Return the text of a reference's word."""
    return str(word.get("w") or word.get("word") or "")


def fold(text: str) -> list[str]:
    """Return the words of a text without case and punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("'", "").replace("’", "")
    kept = (char if unicodedata.category(char)[0] in "LMN" else " " for char in folded)
    return "".join(kept).split()


def cue_errors(cues: list[Cue], reference: list[tuple[str, float | None]]) -> list[CueError]:
    """Return for each cue that says something how far it is from its first word.

    Args:
        cues: In order.
        reference: From reference_words.
    """
    said = [(cue, fold(cue.text)) for cue in cues]
    heard = [word for _, words in said for word in words]
    matcher = SequenceMatcher(None, heard, [word for word, _ in reference], autojunk=False)
    onsets: dict[int, float | None] = {}
    for block in matcher.get_matching_blocks():
        for step in range(block.size):
            onsets[block.a + step] = reference[block.b + step][1]
    errors, position = [], 0
    for cue, words in said:
        onset = onsets.get(position)
        if words:
            errors.append(CueError(cue, None if onset is None else cue.start - onset))
        position += len(words)
    return errors


def main(arguments: list[str] | None = None) -> int:
    """Print the errors, their median and the worst; return 1 when the median is too large."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().split("\n")[0])
    parser.add_argument("subtitles", type=Path)
    parser.add_argument("reference", type=Path, help="JSON with word or line onsets")
    parser.add_argument("--most", type=float, default=0.1, help="median allowed, seconds")
    options = parser.parse_args(arguments)
    try:
        cues = read_subtitles(options.subtitles)
        document = json.loads(options.reference.read_text(encoding="utf-8"))
        errors = cue_errors(cues, reference_words(document))
    except PipelineError as error:
        print(f"error: {error.cause}", file=sys.stderr)
        return error.exit_code
    except (OSError, ValueError, KeyError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for one in errors:
        told = "   not found" if one.seconds is None else f"{one.seconds * 1000:+9.0f} ms"
        print(f"{one.cue.start:9.3f} s {told}  {one.cue.lines[0]}")
    found = sorted(abs(one.seconds) for one in errors if one.seconds is not None)
    if not found:
        print("No cue begins with a word that the reference times")
        return EXIT_FAILURE
    median = statistics.median(found)
    print(f"{len(found)} of {len(errors)} cues: median {median * 1000:.0f} ms, ", end="")
    print(f"worst {found[-1] * 1000:.0f} ms")
    return EXIT_SUCCESS if median <= options.most else EXIT_FAILURE


if __name__ == "__main__":
    sys.exit(main())
