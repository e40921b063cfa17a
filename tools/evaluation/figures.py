#!/usr/bin/env python3
"""
Figures: all that tools/evaluate.py finds out about two files, and what each field of it means.

`wer` and `cer` are fractions as jiwer counts them and `chrf` and `bleu` scores as sacrebleu counts
them, over texts that went through the stated normaliser; the tests hold their figures.

Usage:
    from tools.evaluation.figures import Evaluation, describe_fields

    Evaluation("reference.srt", "Film.hi.srt", "hi").document()
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from tools.evaluation.terms import TermAdherence
from tools.evaluation.timing import Coverage, Speeds, TimeErrors
from tools.evaluation.translation import TranslationScore
from tools.evaluation.words import NORMALISER

TIMES = "{compared, of: cues; median: of sizes, bias: signed median, worst: signed; seconds}"


def _figure(meaning: str, **default: Any) -> Any:
    """Return a field of a dataclass that says what it means; without a default it is None."""
    return field(metadata={"meaning": meaning}, **(default or {"default": None}))


@dataclass
class Evaluation:
    """Every figure; None (null) where it does not apply. Times in seconds."""

    reference: str = _figure("path of the reference", default="")
    hypothesis: str = _figure("path of what was compared with it", default="")
    language: str = _figure("BCP-47; und = not known", default="und")
    normaliser: str = _figure(
        "what is done to both texts before words are compared", default=NORMALISER
    )
    words: int | None = _figure("words of the reference, normalised")
    wer: float | None = _figure(
        "word errors / words of the reference, a fraction (1 = as many errors as words), as "
        "jiwer.wer over the normalised texts; without a word there, the number of errors"
    )
    word_error_rate: float | None = _figure("the same in percent: 100 × wer")
    characters: int | None = _figure("code points of the reference, normalised, without spaces")
    cer: float | None = _figure(
        "character errors / code points of the reference, a fraction, one space between words "
        "counted, as jiwer.cer over the normalised texts"
    )
    character_error_rate: float | None = _figure(
        "in percent and spaces left out, so that it does not depend on how words are parted; "
        "not 100 × cer"
    )
    translation: TranslationScore | None = _figure(
        "with --translation {groups; chrf: chrF2, bleu: BLEU-4, 0 to 100, as sacrebleu's "
        "corpus scores with its defaults over groups of normalised lines said at the same time; "
        "groups without a reference count as wrong in both; chrf_floor, bleu_floor: the same of "
        "shuffled groups}"
    )
    in_times: TimeErrors | None = _figure(f"cues that begin with the same word {TIMES}")
    out_times: TimeErrors | None = _figure(f"cues that end with the same word {TIMES}")
    word_onsets: TimeErrors | None = _figure(f"with --words: in-times against onsets {TIMES}")
    coverage: Coverage | None = _figure(
        "of the reference's time that has a cue {seconds, of, share: 0 to 1, missing: "
        "[start, end] of each stretch without one}"
    )
    reading_speed: Speeds | None = _figure(
        "characters a second {median, ninetieth: percentile, most; over: share of cues, 0 to 1, "
        "over the profile's limit}"
    )
    terms: list[TermAdherence] = _figure(
        "with --glossary [{term, expected: times in the reference, preferred: times as preferred, "
        "otherwise: {other form: times}, share: 0 to 1}]",
        default_factory=list,
    )

    def document(self) -> str:
        """Return all of it as JSON."""
        data = asdict(self)
        if self.coverage is not None:
            data["coverage"]["share"] = self.coverage.share
        for term, adherence in zip(data["terms"], self.terms, strict=True):
            term["share"] = adherence.share
        return json.dumps(data, ensure_ascii=False, indent=2)


def describe_fields() -> Iterator[tuple[str, str]]:
    """Yield the name of each field of the JSON and what it means."""
    for one in fields(Evaluation):
        yield one.name, one.metadata["meaning"]
