"""
Sound labels: what a sound is called in the subtitles of a language, one file a language.

Kinds are those of scripts/sound/yamnet_classes.py. To add a language, add a file and name it here.

Usage:
    from shared.subtitles.sdh.sound_labels import has_labels, label_of

    label_of("laughter", "hi")  # "हँसी"
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from shared.core.languages import with_script
from shared.subtitles.sdh.sound_labels import (
    ar,
    bn,
    de,
    en,
    es,
    fr,
    gu,
    hi,
    hinglish,
    it,
    ja,
    kn,
    ko,
    ml,
    mr,
    pa,
    pt,
    pt_pt,
    ru,
    ta,
    te,
    tr,
    ur,
    zh_hans,
    zh_hant,
)

# By language and script, which is not always the usual one: labels in letters that nobody who
# reads the track can read help nobody. A country where it says things otherwise.
LABELS: dict[str, Mapping[str, str]] = {
    "ar-Arab": ar.LABELS,
    "bn-Beng": bn.LABELS,
    "de-Latn": de.LABELS,
    "en-Latn": en.LABELS,
    "es-Latn": es.LABELS,
    "fr-Latn": fr.LABELS,
    "gu-Gujr": gu.LABELS,
    "hi-Deva": hi.LABELS,
    "hi-Latn": hinglish.LABELS,
    "it-Latn": it.LABELS,
    "ja-Jpan": ja.LABELS,
    "kn-Knda": kn.LABELS,
    "ko-Kore": ko.LABELS,
    "ml-Mlym": ml.LABELS,
    "mr-Deva": mr.LABELS,
    "pa-Guru": pa.LABELS,
    "pt-Latn": pt.LABELS,
    "pt-Latn-PT": pt_pt.LABELS,
    "ru-Cyrl": ru.LABELS,
    "ta-Taml": ta.LABELS,
    "te-Telu": te.LABELS,
    "tr-Latn": tr.LABELS,
    "ur-Arab": ur.LABELS,
    "zh-Hans": zh_hans.LABELS,
    "zh-Hant": zh_hant.LABELS,
}


@cache
def labels_for(language: str) -> Mapping[str, str] | None:
    """Return the labels of a language by kind of sound, None where it has none.

    Args:
        language: BCP-47; 'hi-Latn' is Hindi in Roman letters.
    """
    full = with_script(language)
    return LABELS.get(full) or LABELS.get("-".join(full.split("-")[:2]))


def has_labels(language: str) -> bool:
    """Tell whether sounds can be named in a language.

    Args:
        language: BCP-47.
    """
    return labels_for(language) is not None


def label_of(kind: str, language: str) -> str:
    """Return what a kind of sound is called; a kind without a label is its own.

    Args:
        kind: For example "laughter".
        language: BCP-47; in one without labels sounds have their English ones: to know in another
            language that there are shots is better than not to know it.
    """
    return (labels_for(language) or en.LABELS).get(kind, kind)
