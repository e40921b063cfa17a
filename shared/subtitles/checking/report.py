#!/usr/bin/env python3
"""
Report: findings written as they come, as lines for people or as JSON, whatever their number.

Usage:
    from shared.subtitles.checking.report import LineReport

    report = LineReport(sys.stdout)
    report.begin(path)
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from textwrap import indent
from typing import TextIO

from shared.core.errors import counted, one_line
from shared.subtitles.base.finding import Finding


class LineReport:
    """Findings for people, one a line, and how many there are.

    Args:
        stream: Where they go.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._path = Path()
        self._counts = Counter[str]()

    def begin(self, path: Path) -> None:
        """Begin a file.

        Args:
            path: The subtitle file.
        """
        self._path = path
        self._counts.clear()

    def tell(self, one: Finding) -> None:
        """Write a finding.

        Args:
            one: With its line in the file.
        """
        self._counts[one.severity] += 1
        place = f"{self._path}:{one.line or 0}"
        head = f"{place}: {one.severity} {one.rule}: cue {one.cue} at {one.time:.3f}"
        self._stream.write(one_line(f"{head}: {one.message}") + "\n")

    def end(self, cues: int, language: str) -> None:
        """Write how many there are in the file.

        Args:
            cues: How many cues it has.
            language: That it was judged as.
        """
        errors, warnings = self._counts["error"], self._counts["warning"]
        counts = (counted(cues, "cue"), counted(errors, "error"), counted(warnings, "warning"))
        told = f"{self._path}: {', '.join(counts)} ({language})"
        self._stream.write(one_line(told) + "\n")

    def close(self) -> None:
        """Nothing follows the last file."""


class JsonReport:
    """Findings as one JSON object: a list for each file, by its name.

    Args:
        stream: Where it goes.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._files = 0
        self._findings = 0

    def begin(self, path: Path) -> None:
        """Begin a file's list.

        Args:
            path: The subtitle file.
        """
        name = json.dumps(str(path), ensure_ascii=False)
        self._stream.write(f"{',' if self._files else '{'}\n  {name}: [")
        self._files += 1
        self._findings = 0

    def tell(self, one: Finding) -> None:
        """Write a finding into the list.

        Args:
            one: With its line in the file.
        """
        text = json.dumps(one.model_dump(mode="json"), ensure_ascii=False, indent=2)
        self._stream.write(("," if self._findings else "") + "\n" + indent(text, " " * 4))
        self._findings += 1

    def end(self, cues: int, language: str) -> None:
        """End the file's list; programs count themselves.

        Args:
            cues: How many cues it has.
            language: That it was judged as.
        """
        self._stream.write("\n  ]" if self._findings else "]")

    def close(self) -> None:
        """End the object."""
        self._stream.write("\n}\n" if self._files else "{}\n")
