#!/usr/bin/env python3
"""Tests of translation/lines: a line that is translated in part is counted and told."""

from __future__ import annotations

from shared.transcript.records.schemas import TranslatedLine, Translation
from shared.translation.lines import LEFT_OUT, count_lines, told_parts


def translation(*pairs: tuple[str, str]) -> Translation:
    """Return a translation of lines: what was said, what it became."""
    lines = [
        TranslatedLine(
            id=number,
            source_text=said,
            text=text,
            status="translated" if text else "untranslated",
            engine="whisper",
        )
        for number, (said, text) in enumerate(pairs)
    ]
    return Translation(source_language="hi", target_language="en", engine="whisper", lines=lines)


def test_what_lacks_a_part_is_told_with_its_line() -> None:
    made = translation(("अ", "I came."), ("ब", f"He said {LEFT_OUT}"), ("स", ""), ("[…]", "[…] so"))
    assert told_parts([made]).startswith("1 line is translated in part, […] stands for")
    assert told_parts([made]).endswith("segment 1")
    assert (count_lines([made])["in_part"], count_lines([made])["untranslated"]) == (1, 1)


def test_whole_lines_are_told_nothing_of() -> None:
    made = translation(("अ", "I came."), ("ब", ""))
    assert (told_parts([made]), count_lines([made])["in_part"]) == ("", 0)
