#!/usr/bin/env python3
"""
Script policy: is a transcript in the script of its language, and what becomes of it if it is not.

Recognisers write Hindi in Urdu or Roman letters. The share of the expected script is measured for
every segment; Hindi is written anew from its sounds where a word list bears it out, with what the
engine wrote and the evidence kept; what cannot be repaired is marked wrong.

Usage:
    from shared.transcript.writing.script_policy import rewritten_segment, tokens_of

    segment = rewritten_segment(segment, into_devanagari(tokens_of(segment), knowledge), 0.5)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import cast, get_args

import regex

from shared.core.languages import primary
from shared.transcript.languages.alphabets import (
    letter_count,
    letters_in_script,
    script_of,
    share_in_script,
)
from shared.transcript.records.schemas import Segment, Transcript, Word
from shared.transcript.records.spacing import is_fully_timed, spaced_tokens
from shared.transcript.writing.devanagari import FOREIGN, Origin, Rewritten

HINDI, ROMAN_HINDI = "hi", "hi-Latn"
OWN_OR_FOREIGN = regex.compile(r"\p{Devanagari}|\p{L}", regex.V1)
# Letters that are neither Hindi's own nor such as can be read as Hindi: Han, Cyrillic.
IN_NEITHER = regex.compile(r"[\p{L}--\p{Devanagari}--\p{Latin}--\p{Arabic}]", regex.V1)
# A text with less of its script is not written in it.
LEAST_SHARE = 0.5
DIGITS = 4
LATIN_ORIGINS: tuple[Origin, ...] = ("english", "loan")
TOLD: dict[Origin, str] = {
    "list": "in the word list",
    "model": "by the spelling model",
    "letters": "letter by letter",
    "english": "English, kept",
    "loan": "English, put back into Latin letters",
}


def tokens_of(segment: Segment) -> list[str]:
    """Return the tokens of a segment: its words, or of a text without words its pieces.

    Args:
        segment: With its words where it has any, else its text.
    """
    if segment.words and is_fully_timed(segment):
        return [word.text.strip() or word.text for word in segment.words]
    return segment.text.split()


def can_be_read(segment: Segment, loans: bool = False) -> bool:
    """Return whether a segment is Hindi with words that may be written anew.

    Args:
        segment: Its text in whatever script it was recognised.
        loans: English words in Devanagari are, too; otherwise only those in Roman or Urdu letters.
    """
    letters = OWN_OR_FOREIGN if loans else FOREIGN
    return primary(segment.language) == HINDI and letters.search(segment.text) is not None


def measured_segment(segment: Segment) -> Segment:
    """Return a segment with the share of its script, judged by its letters alone.

    Args:
        segment: Its script figures are added.
    """
    letters = letter_count(segment.text)
    if not letters:
        return segment
    share = letters_in_script(segment.text, segment.language) / letters
    verdict = "expected" if share >= LEAST_SHARE else "wrong"
    evidence = [] if verdict == "expected" else [f"{share:.0%} of the letters are in its script"]
    update = {"script": verdict, "script_share": round(share, DIGITS), "script_evidence": evidence}
    return segment.model_copy(update=update)


def rewritten_segment(
    segment: Segment, rewritten: Sequence[Rewritten], least_known: float
) -> Segment:
    """Return a segment as it was written anew, or marked wrong where too little bears it out.

    Args:
        segment: In letters that are not those of its language.
        rewritten: For each of tokens_of(segment).
        least_known: Share of the words written anew that must be known words.
    """
    counts = Counter(one.origin for one in rewritten)
    known, made = counts["list"] + counts["model"], counts["letters"]
    evidence = [f"{counts[origin]} {told}" for origin, told in TOLD.items() if counts[origin]]
    evidence += [one.evidence for one in rewritten if one.evidence]
    changed = known + made
    if changed and known / changed < least_known:
        return measured_segment(segment).model_copy(
            update={"script": "wrong", "script_evidence": [*evidence, "too few known words"]}
        )
    text = _joined(segment, rewritten)
    strange = [one.text for one in rewritten if IN_NEITHER.search(one.text)]
    if strange:
        evidence.append(f"left in another script: {', '.join(dict.fromkeys(strange))}")
    own = "".join(one.text for one in rewritten if one.origin not in LATIN_ORIGINS)
    letters = letter_count(own)
    share = letters_in_script(own, segment.language) / letters if letters else 1.0
    verdict = "repaired" if changed else "expected"
    update: dict[str, object] = {
        "script": verdict if share >= LEAST_SHARE and not strange else "wrong",
        "script_share": round(share, DIGITS),
        "script_evidence": evidence,
    }
    if text != segment.text:
        update |= {"text": text, "heard_text": segment.text, "words": _words(segment, rewritten)}
    return Segment.model_validate(segment.model_copy(update=update).model_dump())


def romanised_segment(segment: Segment, tokens: Sequence[str]) -> Segment:
    """Return a segment in Roman letters; what the engine wrote stays in heard_text.

    Args:
        segment: In Devanagari.
        tokens: tokens_of(segment) in Roman letters.
    """
    rewritten = [Rewritten(token, "kept") for token in tokens]
    update: dict[str, object] = {
        "text": _joined(segment, rewritten),
        "words": _words(segment, rewritten),
        "heard_text": segment.heard_text or segment.text,
    }
    update["script_share"] = round(share_in_script(str(update["text"]), ROMAN_HINDI), DIGITS)
    return Segment.model_validate(segment.model_copy(update=update).model_dump())


def with_shares(transcript: Transcript, heard: Sequence[Segment], language: str = "") -> Transcript:
    """Return a transcript with the shares of the expected script, before and now.

    Args:
        transcript: Its segments measured or written anew.
        heard: The segments as the engine wrote them.
        language: BCP-47 of what is written now, if it is not the transcript's.
    """
    update = {
        "expected_script": script_of(language or transcript.language) or None,
        "heard_script_share": _share(heard, [letter_count(one.text) for one in heard], False),
        "script_share": _share(
            transcript.segments, [letter_count(one.text) for one in transcript.segments], True
        ),
    }
    return transcript.model_copy(update=update)


def split_tokens(text: str) -> list[str]:
    """Return the tokens that a line to the script backend holds, one a line.

    Args:
        text: What join_tokens returned.
    """
    return text.split("\n")


def join_tokens(tokens: Sequence[str]) -> str:
    """Return tokens as a line to the script backend.

    Args:
        tokens: Without line feeds.
    """
    return "\n".join(" ".join(token.split()) for token in tokens)


def join_rewritten(rewritten: Sequence[Rewritten]) -> str:
    """Return what a token became, where it is from and its evidence, a line each, tabs between.

    Args:
        rewritten: In order.
    """
    return "\n".join(f"{one.text}\t{one.origin}\t{one.evidence}" for one in rewritten)


def split_rewritten(text: str) -> list[Rewritten]:
    """Return what join_rewritten made a text of.

    Args:
        text: The answer of the script backend.
    """
    parts = (line.rsplit("\t", 2) for line in text.split("\n"))
    return [
        Rewritten(token, cast(Origin, origin) if origin in get_args(Origin) else "kept", evidence)
        for token, origin, evidence in parts
    ]


def _joined(segment: Segment, rewritten: Sequence[Rewritten]) -> str:
    """Return the new text with the spaces of the old one."""
    spaced = spaced_tokens(segment.text, tokens_of(segment))
    pairs = zip(spaced, rewritten, strict=True)
    return "".join(
        (" " if old.startswith(" ") else "") + new.text for old, new in pairs if new.text
    )


def _words(segment: Segment, rewritten: Sequence[Rewritten]) -> list[object]:
    """Return the words in their new spelling; none where they were not those of the text."""
    if not (segment.words and is_fully_timed(segment)):
        return []
    words: list[Word] = []
    for word, new in zip(segment.words, rewritten, strict=True):
        if new.text:
            words.append(word.model_copy(update={"text": new.text}))
        elif words:
            words[-1] = words[-1].model_copy(update={"end": word.end})
    return list(words)


def _share(segments: Sequence[Segment], letters: Sequence[int], judged: bool) -> float | None:
    """Return the mean share of the segments by their letters, None without any."""
    total = sum(letters)
    if not total:
        return None
    in_script = 0.0
    for segment, count in zip(segments, letters, strict=True):
        share = segment.script_share if judged else None
        if share is None and count:
            share = letters_in_script(segment.text, segment.language) / count
        in_script += (share or 0.0) * count
    return round(in_script / total, DIGITS)
