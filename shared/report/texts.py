#!/usr/bin/env python3
"""
Texts: what a page may show of texts that somebody else wrote: no secret, and nothing that acts.

Markup is escaped by the template. What is left acts without it: marks that turn the direction of
writing would turn what stands beside them, control characters are not shown or end the page.

Usage:
    from shared.report.texts import harmless

    harmless("a\\u202eb", redactor)   # 'a⟨U+202E⟩b'
"""

from __future__ import annotations

import re
import unicodedata

from shared.core.redact import Redactor

# They open what only another character closes: overrides, embeddings, isolates.
TURNING = "\u202a-\u202e\u2066-\u2069"
# Of control characters, tab and line feed are shown as what they are.
ACTING = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{TURNING}\u2028\u2029\ud800-\udfff\ufffe\uffff]")
LONGEST = 4000  # characters of one text


def harmless(text: str, redactor: Redactor) -> str:
    """Return a text as it is shown: without secrets, what acts by its name.

    Args:
        text: Any text.
        redactor: Knows the secrets.
    """
    found = ACTING.sub(_named, redactor.text(text))
    return found if len(found) <= LONGEST else found[: LONGEST - 1] + "…"


def _named(match: re.Match[str]) -> str:
    character = match[0]
    if unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp", "Cs", "Cn"}:
        return f"⟨U+{ord(character):04X}⟩"
    return character
