#!/usr/bin/env python3
"""
Records: what glossary_load hands to later stages, one file a use, so that a change reaches only
the stages that it concerns.

    glossary.json                      all terms, for people
    recognition_terms.json             asr: words to expect
    transcript_terms.json              export_transcript: spellings and how they are to be written
    translation_terms_<lang>.json      translation: spellings and their word in that language

Usage:
    from shared.glossary.records import TRANSCRIPT_TERMS, Terms
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from shared.core.record import SCHEMA_VERSION, Record

Origin = Literal["film", "user", "tmdb", "learned"]
RECOGNITION_TERMS = "recognition_terms.json"
TRANSCRIPT_TERMS = "transcript_terms.json"
ADHERENCE = "glossary_adherence.json"


def translation_terms(language: str) -> str:
    """Return the name of the file with the terms of a target language.

    Args:
        language: BCP-47.
    """
    return f"translation_terms_{language}.json"


class GlossaryTerm(Record):
    """One term as its file has it.

    `preferred_in` holds the columns preferred:<language>, by BCP-47 tag.
    """

    source: str = Field(min_length=1)
    preferred: str = ""
    preferred_in: dict[str, str] = Field(default_factory=dict)
    alternatives: list[str] = Field(default_factory=list)
    notes: str = ""
    context: str = ""
    speaker: str = ""
    origin: Origin


class Glossary(Record):
    """`glossary.json`: the terms that count, and where origins or rows contradict each other."""

    schema_version: Literal[1] = SCHEMA_VERSION
    terms: list[GlossaryTerm]
    conflicts: list[str] = Field(default_factory=list)


class RecognitionTerms(Record):
    """`recognition_terms.json`: how the film's terms are written, the most trusted first."""

    schema_version: Literal[1] = SCHEMA_VERSION
    words: list[str]

    def hotwords(self, limit: int) -> str:
        """Return the first words that fit, as one text.

        Args:
            limit: Longest result in characters.
        """
        chosen: list[str] = []
        for word in self.words:
            if word not in chosen and len(", ".join([*chosen, word])) <= limit:
                chosen.append(word)
        return ", ".join(chosen)


class Wording(Record):
    """How one term is to be written in one language, and how it may be found written.


    `source` names it in the glossary. `spellings` are as good as `written` where they are found:
    what the glossary lists. `common` are words of the language (folded) that are, or look like, the
    term and must not be taken for it.
    """

    source: str = Field(min_length=1)
    origin: Origin
    written: str = Field(min_length=1)
    spellings: list[str] = Field(default_factory=list)
    common: list[str] = Field(default_factory=list)


class Terms(Record):
    """`transcript_terms.json`. `guarded`: languages whose common words are known (BCP-47)."""

    schema_version: Literal[1] = SCHEMA_VERSION
    guarded: list[str] = Field(default_factory=list)
    terms: list[Wording]


class TranslationTerm(Record):
    """One term of a language pair: how the spoken line has it, how the translation must.

    `about`: what the glossary says of it, in short, for engines that can be told.
    """

    spoken: Wording
    target: Wording
    about: str = ""


class Hint(Record):
    """What the glossary says of a spoken word for which it has none in the language."""

    spoken: Wording
    about: str = Field(min_length=1)


class TranslationTerms(Record):
    """`translation_terms_<lang>.json`."""

    schema_version: Literal[1] = SCHEMA_VERSION
    language: str
    guarded: list[str] = Field(default_factory=list)
    terms: list[TranslationTerm]
    hints: list[Hint] = Field(default_factory=list)
