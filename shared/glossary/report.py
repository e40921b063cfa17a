#!/usr/bin/env python3
"""
Report: the file that says how the glossary's terms fared. Reading it costs no search for terms.

Usage:
    from shared.glossary.report import AdherenceReport, describe

    describe(report)      # "3 heard; in preferred form: transcript 7 of 7, en 6 of 7"
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from shared.core.record import SCHEMA_VERSION, Record
from shared.glossary.records import Origin


class Share(Record):
    """How a term fared in one text.

    `written`: its preferred form there. `due`: how often it was spoken; `preferred`: how often it
    stands in that form. `corrected`: what an engine had written in its place, and how often it was
    put right. `lacking`: ids of lines that have it too rarely.
    """

    written: str = ""
    due: int = Field(ge=0)
    preferred: int = Field(ge=0)
    corrected: dict[str, int] = Field(default_factory=dict)
    lacking: list[int] = Field(default_factory=list)


class TermAdherence(Record):
    """One term: in the transcript, and in each translation that has a word for it, by language."""

    source: str
    origin: Origin
    transcript: Share
    translations: dict[str, Share] = Field(default_factory=dict)


class AdherenceReport(Record):
    """`glossary_adherence.json`: the terms that were spoken."""

    schema_version: Literal[1] = SCHEMA_VERSION
    terms: list[TermAdherence] = Field(default_factory=list)

    def lacking(self, language: str) -> dict[str, list[int]]:
        """Return the preferred forms that a translation lacks, with the ids of the lines.

        Args:
            language: BCP-47.
        """
        lines: dict[str, list[int]] = {}
        for share in (term.translations.get(language) for term in self.terms):
            if share and share.lacking:
                lines.setdefault(share.written, []).extend(share.lacking)
        return lines


def describe(report: AdherenceReport) -> str:
    """Return the report in one line: how many of the terms were heard.

    Args:
        report: What a stage counted and wrote.
    """
    if not report.terms:
        return "0 heard"
    parts = [_told("transcript", [term.transcript for term in report.terms])]
    languages = dict.fromkeys(tag for term in report.terms for tag in term.translations)
    for tag in languages:
        shares = [term.translations[tag] for term in report.terms if tag in term.translations]
        parts.append(_told(tag, shares))
    return f"{len(report.terms)} heard; in preferred form: {', '.join(parts)}"


def _told(name: str, shares: Sequence[Share]) -> str:
    right = sum(sum(share.corrected.values()) for share in shares)
    told = f"{name} {sum(s.preferred for s in shares)} of {sum(s.due for s in shares)}"
    return f"{told} ({right} put right)" if right else told
