#!/usr/bin/env python3
"""
Faults: what is told of glossary lines that were left out.

Usage:
    from shared.glossary.faults import left_out

    left_out(faults)      # ["Left out of the glossary: terms.tsv:3: no term"]
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.core.errors import InputError, counted

MOST_TOLD = 10


def left_out(faults: Sequence[InputError]) -> list[str]:
    """Return a line for each of the first faults of a file, and one for all others.

    Args:
        faults: One a line of the file, in order.
    """
    told = [f"Left out of the glossary: {f.cause}. {f.hint}".rstrip() for f in faults[:MOST_TOLD]]
    if len(faults) > MOST_TOLD:
        where = faults[MOST_TOLD].cause.partition(": ")[0]
        more = counted(len(faults) - MOST_TOLD, "more line was", "more lines were")
        told.append(f"{more} left out, from {where} on")
    return told
