"""Line-break rules, one file a language: add one and name it here."""

from __future__ import annotations

from functools import cache

from shared.core.languages import primary
from shared.subtitles.layout.line_rules import de, en, es, fr, hi, hinglish
from shared.subtitles.layout.line_rules.rules import LineRules

RULES = {
    "de": de.RULES,
    "en": en.RULES,
    "es": es.RULES,
    "fr": fr.RULES,
    "hi": hi.RULES,
    "hi-Latn": hinglish.RULES,
}
NO_RULES = LineRules()


@cache
def rules_for(language: str) -> LineRules:
    """Return the rules of a language, empty ones for a language without a file.

    Args:
        language: BCP-47; 'hi-Latn' is Hindi in Roman letters.
    """
    return RULES.get(language) or RULES.get(primary(language), NO_RULES)
