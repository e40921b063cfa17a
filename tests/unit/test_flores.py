#!/usr/bin/env python3
"""Tests of shared/translation/flores.py."""

from __future__ import annotations

import langcodes
import pytest

from shared.core.errors import InputError
from shared.translation.flores import (
    INDICTRANS2_CODES,
    MEMBERS,
    NLLB_CODES,
    flores_code,
    require_code,
)

# Tags that cannot be derived from the code.
OTHER_TAGS = {"prs_Arab": "fa-AF", "zho_Hans": "zh"}


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("hi", "hin_Deva"),
        ("hi-IN", "hin_Deva"),
        ("en", "eng_Latn"),
        ("en-GB", "eng_Latn"),
        ("ta", "tam_Taml"),
        ("ur", "urd_Arab"),
        ("ne", "npi_Deva"),
        ("or", "ory_Orya"),
        ("kok", "gom_Deva"),
        ("gom", "gom_Deva"),
        ("ks", "kas_Arab"),
        ("ks-Deva", "kas_Deva"),
        ("mni", "mni_Beng"),
        ("mni-Mtei", "mni_Mtei"),
        ("sd", "snd_Arab"),
        ("sd-Deva", "snd_Deva"),
        ("sat", "sat_Olck"),
        ("fr", None),
        ("hi-Latn", None),
        ("und", None),
        ("", None),
        ("not a tag!", None),
    ],
)
def test_indictrans2_codes(tag: str, code: str | None) -> None:
    assert flores_code(tag, INDICTRANS2_CODES) == code


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("ar", "arb_Arab"),
        ("arz", "arz_Arab"),
        ("fa", "pes_Arab"),
        ("fa-AF", "prs_Arab"),
        ("gsw", "deu_Latn"),
        ("ekk", "est_Latn"),
        ("cmn", "zho_Hans"),
        ("wuu", "zho_Hans"),
        ("gug", "grn_Latn"),
        ("pbu", "pbt_Arab"),
        ("quz", "quy_Latn"),
        ("dty", "npi_Deva"),
        ("nb-NO", "nob_Latn"),
        ("gsw-Arab", None),
        ("bar", None),
        ("tlh", None),
        ("fil", "tgl_Latn"),
        ("iw", "heb_Hebr"),
        ("ko", "kor_Hang"),
        ("no", "nob_Latn"),
        ("pt-BR", "por_Latn"),
        ("sat", "sat_Beng"),
        ("sr", "srp_Cyrl"),
        ("sr-Latn", None),
        ("sw", "swh_Latn"),
        ("zh", "zho_Hans"),
        ("zh-TW", "zho_Hant"),
        ("yue", "yue_Hant"),
    ],
)
def test_nllb_codes(tag: str, code: str | None) -> None:
    assert flores_code(tag, NLLB_CODES) == code


def language_tag(code: str) -> str:
    """Return the shortest BCP-47 tag of a code."""
    alpha3, _, script = code.partition("_")
    member = {member: whole for whole, member in MEMBERS.items()}.get(alpha3, alpha3)
    for candidate in (OTHER_TAGS.get(code, member), member, alpha3):
        tag = str(langcodes.standardize_tag(candidate))
        if flores_code(tag, NLLB_CODES | INDICTRANS2_CODES) == code:
            return tag
    return str(langcodes.standardize_tag(f"{alpha3}-{script}"))


@pytest.mark.parametrize("known", [INDICTRANS2_CODES, NLLB_CODES])
def test_every_code_has_a_tag_of_its_own_that_leads_back(known: frozenset[str]) -> None:
    tags = {code: language_tag(code) for code in known}
    assert len(set(tags.values())) == len(known)
    assert {code: flores_code(tag, known) for code, tag in tags.items()} == {c: c for c in known}


def test_numbers_of_languages_are_as_published() -> None:
    assert len(NLLB_CODES) == 202
    assert len(INDICTRANS2_CODES) == 26
    assert len({code[:3] for code in INDICTRANS2_CODES}) == 23  # 22 and English


def test_an_unknown_language_is_named() -> None:
    with pytest.raises(InputError, match=r"IndicTrans2 does not know French \(fr\)"):
        require_code("fr", INDICTRANS2_CODES, "IndicTrans2")
