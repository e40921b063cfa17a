#!/usr/bin/env python3
"""
Wordings: from the glossary's terms to what each later stage needs of them.

A `preferred` form that sounds like the source is a spelling, for the transcript and for every
translation in its script; one that does not (jaan → dear) is a translation, and the transcript
keeps the source. `preferred:<language>` goes before both. Alternatives are spellings of the spoken
word, except that beside a translation those which do not sound like the source are other
translations.

Usage:
    from shared.glossary.wordings import Wordings

    wordings = Wordings(glossary, spoken="hi", common_words=common_words)
    wordings.recognition(), wordings.transcript(), wordings.translation("en")
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from textwrap import shorten
from unicodedata import category

from shared.core.languages import AUTO, primary
from shared.glossary.matching import JOINERS, SHORTEST_GUESS, fold, tokens_of
from shared.glossary.records import (
    Glossary,
    GlossaryTerm,
    Hint,
    RecognitionTerms,
    Terms,
    TranslationTerm,
    TranslationTerms,
    Wording,
)
from shared.glossary.sound_index import SoundIndex
from shared.glossary.sounds import likeness, romanised
from shared.transcript.languages.alphabets import share_in_script

# From this likeness on, a form is another spelling of a word and no translation of it.
SAME_WORD = 0.6
# No correction may be configured to be less sure than this: nearer words are kept from it.
LEAST_CONFIDENCE = 0.7
# English stands in the speech of many films, and in the transcript of all that are misheard.
ALWAYS_GUARDED = "en"
# Characters: a sentence or two, not a page of a screenplay.
LONGEST_ABOUT = 200


class Wordings:
    """Makes the files of stage glossary_load.

    Args:
        glossary: The terms that count.
        spoken: Main language of the film, BCP-47, or "auto".
        common_words: Common words of a language (folded), nothing where nobody knows them.
    """

    def __init__(
        self,
        glossary: Glossary,
        spoken: str,
        common_words: Callable[[str], Collection[str]],
    ) -> None:
        self._terms = glossary.terms
        self._spoken = spoken
        self._common_words = common_words
        self._by_sound: dict[str, SoundIndex] = {}
        self._near: dict[tuple[str, str], list[str]] = {}

    def recognition(self) -> RecognitionTerms:
        """Return the words that recognition is to expect, in the script of the film's language."""
        words = [spoken_form(term, self._spoken) for term in self._terms if term.notes != "cast"]
        fitting = [word for word in words if _fits(word, self._spoken)]
        return RecognitionTerms(words=list(dict.fromkeys(fitting)))

    def transcript(self) -> Terms:
        """Return how terms are written in the transcript."""
        languages = dict.fromkeys((self._spoken, ALWAYS_GUARDED))
        return Terms(
            guarded=self._guarded(languages),
            terms=[self._spoken_wording(term, languages) for term in self._terms],
        )

    def translation(self, target: str) -> TranslationTerms:
        """Return how terms are written in a translation.

        Of those without a word for it, only what is said of them is of use.

        Args:
            target: BCP-47.
        """
        languages = dict.fromkeys((self._spoken, ALWAYS_GUARDED))
        made = TranslationTerms(language=target, guarded=self._guarded((target,)), terms=[])
        for term in self._terms:
            word, said = target_form(term, target), about(term)
            if not word and not said:
                continue
            spoken = self._spoken_wording(term, languages)
            if not word:
                made.hints.append(Hint(spoken=spoken, about=said))
                continue
            others = self._target_spellings(term, word, target)
            wording = self._wording(term, word, others, dict.fromkeys((target,)))
            made.terms.append(TranslationTerm(spoken=spoken, target=wording, about=said))
        return made

    def _target_spellings(self, term: GlossaryTerm, word: str, target: str) -> list[str]:
        """Return a term's other forms in a translation; Hindi man (mind) is not English man."""
        others = [text for text in _forms(term) if _fits(text, target)]
        same = _same_word(word, term.source)
        if not same and fold(term.source) in self._common_words(target):
            others = [text for text in others if text != term.source]
        return others

    def _spoken_wording(self, term: GlossaryTerm, languages: Collection[str]) -> Wording:
        written = spoken_form(term, self._spoken)
        return self._wording(term, written, spellings(term), languages)

    def _wording(
        self, term: GlossaryTerm, written: str, forms: Collection[str], languages: Collection[str]
    ) -> Wording:
        others = [text for text in dict.fromkeys(forms) if text != written]
        common = {word for tag in languages for word in self._looking_alike(written, others, tag)}
        return Wording(
            source=term.source,
            origin=term.origin,
            written=written,
            spellings=others,
            common=sorted(common),
        )

    def _looking_alike(self, written: str, others: Collection[str], language: str) -> Iterator[str]:
        """Yield the common words that the words of a term are, or could be taken for."""
        common = self._common_words(language)
        if not common:
            return
        for text in (written, *others):
            yield from (one.folded for one in tokens_of(text) if one.folded in common)
        if not _fits(written, language):
            return  # words in another script are never taken for it
        for token in tokens_of(written):
            yield from self._near_words(token.folded, language)
        whole = fold(written).replace(" ", "")
        yield from self._near_words(whole, language)
        for cut in range(1, len(whole)):
            if whole[:cut] in common and whole[cut:] in common:
                yield from (whole[:cut], whole[cut:])

    def _near_words(self, word: str, language: str) -> list[str]:
        """Return the common words that could be taken for a word."""
        key = (word, language)
        if key not in self._near:
            long_enough = len(romanised(word)) >= SHORTEST_GUESS
            index = self._index(language)
            self._near[key] = index.near(word, LEAST_CONFIDENCE) if long_enough else []
        return self._near[key]

    def _index(self, language: str) -> SoundIndex:
        if language not in self._by_sound:
            self._by_sound[language] = SoundIndex(self._common_words(language))
        return self._by_sound[language]

    def _guarded(self, languages: Collection[str]) -> list[str]:
        return [tag for tag in languages if self._common_words(tag)]


def about(term: GlossaryTerm) -> str:
    """Return what a term's context and notes say, as one short line of plain characters.

    Args:
        term: A glossary entry with its kind and its source.
    """
    text = "; ".join(filter(None, (term.context, term.notes)))
    plain = "".join(
        char if char in JOINERS or category(char)[0] not in "CZ" else " " for char in text
    )
    return shorten(" ".join(plain.split()), LONGEST_ABOUT, placeholder=" …")


def spoken_form(term: GlossaryTerm, language: str) -> str:
    """Return how a term is written where it is spoken.

    Args:
        term: A glossary entry with its aliases.
        language: BCP-47, or "auto".
    """
    explicit = _in_language(term, language)
    if explicit:
        return explicit
    return term.preferred if term.preferred and not _is_translation(term) else term.source


def target_form(term: GlossaryTerm, language: str) -> str:
    """Return a term's word in a translation, "" if the glossary has none.

    Args:
        term: A glossary entry with its translations.
        language: BCP-47.
    """
    explicit = _in_language(term, language)
    return explicit or (term.preferred if _fits(term.preferred, language) else "")


def spellings(term: GlossaryTerm) -> list[str]:
    """Return every form under which a term may be found where it is spoken.

    Args:
        term: With its aliases and its writing in other scripts.
    """
    if not _is_translation(term):
        return [text for text in (term.source, term.preferred, *term.alternatives) if text]
    return [term.source, *(text for text in term.alternatives if _same_word(text, term.source))]


def _forms(term: GlossaryTerm) -> list[str]:
    return [text for text in (term.preferred, term.source, *term.alternatives) if text]


def _is_translation(term: GlossaryTerm) -> bool:
    """Return whether the preferred form is another word than the spoken one."""
    return bool(term.preferred) and not _same_word(term.preferred, term.source)


def _same_word(one: str, other: str) -> bool:
    return fold(one) == fold(other) or likeness(one, other) >= SAME_WORD


def _in_language(term: GlossaryTerm, language: str) -> str:
    if language in term.preferred_in:
        return term.preferred_in[language]
    same = (text for tag, text in term.preferred_in.items() if primary(tag) == primary(language))
    return next(same, "")


def _fits(text: str, language: str) -> bool:
    """Return whether a text is in the script of a language."""
    return bool(text) and (language == AUTO or share_in_script(text, language) > 0.5)
