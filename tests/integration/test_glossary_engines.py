#!/usr/bin/env python3
"""
Tests of what the glossary relies on in IndicTrans2's environment: its processor keeps our
placeholders, and its spelling model writes names in Devanagari.
"""

from __future__ import annotations

import pytest

from scripts.writing.hindi_names import names_in_devanagari
from shared.glossary.records import TranslationTerm, TranslationTerms, Wording
from shared.translation.backend import SourceLine
from shared.translation.placeholders import TermKeeper

processor = pytest.importorskip("IndicTransToolkit.processor")

pytestmark = pytest.mark.integration


def keeper(written: str, spoken: str, language: str) -> TermKeeper:
    """Return what keeps one term."""
    fields = {"source": spoken, "origin": "film"}
    term = TranslationTerm(
        spoken=Wording.model_validate({**fields, "written": spoken}),
        target=Wording.model_validate({**fields, "written": written}),
    )
    return TermKeeper(TranslationTerms(language=language, terms=[term]), least=0.8)


@pytest.mark.parametrize(
    ("line", "spoken", "written", "source", "target"),
    [
        ("गब्बर, गब्बर आया!", "गब्बर", "Gabbar", "hin_Deva", "eng_Latn"),
        ("Gabbar came, Gabbar ran.", "Gabbar", "गब्बर", "eng_Latn", "hin_Deva"),
    ],
)
@pytest.mark.parametrize("form", ["<ID{}>", "< ID{} >", "[ID{}]", "< आईडी{} >"])
def test_the_processor_keeps_placeholders_as_what_it_never_translates(
    line: str, spoken: str, written: str, source: str, target: str, form: str
) -> None:
    kept = keeper(written, spoken, target[:2])
    whole = SourceLine(1, line)
    sent = kept.hide([whole], "entity")
    indic = processor.IndicProcessor(inference=True)
    (tagged,) = indic.preprocess_batch([sent.lines[0].text], src_lang=source, tgt_lang=target)
    for number in (1, 2):
        assert f"< ID{number} >" in tagged or f"<ID{number}>" in tagged
    answer = f"x {form.format(2)} y {form.format(1)} ."
    (text,) = indic.postprocess_batch([answer], lang=target)
    restored = kept.restore(whole, text, sent)
    assert not restored.objection and not restored.remark
    assert restored.text.count(written) == 2 and "ZX" not in restored.text


def test_names_are_written_in_devanagari() -> None:
    found = names_in_devanagari(["gabbar", "veeru", "d'souza"])
    assert found == {"gabbar": "गब्बर", "veeru": "वीरू"}
