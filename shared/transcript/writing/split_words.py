#!/usr/bin/env python3
"""
Split words: Hindi words that were heard as two, put together where the word list says so.

"में ने" is no Hindi, मैंने is; "जाएं गए" is जाएंगे. Only what belongs behind another word is joined
(ने, गा, गी, गे), and only into a word that the list knows.

Usage:
    from shared.transcript.writing.split_words import joined

    joined("में", "ने", lexicon.frequency)     # 'मैंने'
"""

from __future__ import annotations

from collections.abc import Callable

# What a word may be that was heard as another, in front of an ending.
HEARD_AS = {"में": "मैं", "मे": "मैं"}
ENDINGS = {"ने": "ने", "गा": "गा", "गी": "गी", "गे": "गे", "गए": "गे", "गये": "गे"}
# What ने is written together with; and how a verb ends in front of गा, गी, गे.
PRONOUNS = frozenset("मैं हम तुम आप तू इस उस किस जिस इन्हों उन्हों किन्हों जिन्हों".split())
STEMS = ("ो", "ओ", "ए", "े", "एं", "एँ", "ें", "ों", "ूं", "ूँ", "ऊं", "ऊँ")
# "गए" (went) is the ending of a future only behind a plural that may be: जाएं, करें, हों.
PLURALS = ("एं", "एँ", "ें", "ों", "ाएं", "ाएँ")
WENT = frozenset({"गए", "गये"})
# Zipf frequency from which a word is taken as known.
KNOWN = 3.0
# These are no words of their own: they belong to any verb that is known.
ONLY_ENDINGS = frozenset({"गे", "गी"})


def joined(first: str, second: str, frequency: Callable[[str], float]) -> str:
    """Return the one word that two are, "" where they are two.

    Args:
        first: A word without punctuation.
        second: The word behind it; its punctuation is kept.
        frequency: Zipf frequency of a Hindi word, 0.0 for an unknown one.
    """
    bare = second.rstrip("।,.?!")
    ending = ENDINGS.get(bare)
    if ending is None or (bare in WENT and not first.endswith(PLURALS)):
        return ""
    start = HEARD_AS.get(first, first) if ending == "ने" else first
    if start not in PRONOUNS if ending == "ने" else not start.endswith(STEMS):
        return ""
    whole = start + ending
    known = [whole, start] if bare in ONLY_ENDINGS else [whole]
    return whole + second[len(bare) :] if max(map(frequency, known)) >= KNOWN else ""
