"""Line-break rules, one file a language: add one and name it here."""

from __future__ import annotations

from functools import cache

from shared.core.languages import primary
from shared.subtitles.layout.line_rules import (
    ar,
    bn,
    cs,
    de,
    en,
    es,
    fa,
    fr,
    gu,
    he,
    hi,
    hinglish,
)
from shared.subtitles.layout.line_rules import id as indonesian
from shared.subtitles.layout.line_rules import (
    it,
    kn,
    ko,
    ml,
    mr,
    nl,
    pa,
    pl,
    pt,
    ru,
    ta,
    te,
    tr,
    uk,
    ur,
    vi,
)
from shared.subtitles.layout.line_rules.rules import LineRules

RULES = {
    "ar": ar.RULES,
    "bn": bn.RULES,
    "cs": cs.RULES,
    "de": de.RULES,
    "en": en.RULES,
    "es": es.RULES,
    "fa": fa.RULES,
    "fr": fr.RULES,
    "gu": gu.RULES,
    "he": he.RULES,
    "hi": hi.RULES,
    "hi-Latn": hinglish.RULES,
    "id": indonesian.RULES,
    "it": it.RULES,
    "kn": kn.RULES,
    "ko": ko.RULES,
    "ml": ml.RULES,
    "mr": mr.RULES,
    "nl": nl.RULES,
    "pa": pa.RULES,
    "pl": pl.RULES,
    "pt": pt.RULES,
    "ru": ru.RULES,
    "ta": ta.RULES,
    "te": te.RULES,
    "tr": tr.RULES,
    "uk": uk.RULES,
    "ur": ur.RULES,
    "vi": vi.RULES,
}
NO_RULES = LineRules()


@cache
def rules_for(language: str) -> LineRules:
    """Return the rules of a language, empty ones for a language without a file.

    Args:
        language: BCP-47; 'hi-Latn' is Hindi in Roman letters.
    """
    return RULES.get(language) or RULES.get(primary(language), NO_RULES)
