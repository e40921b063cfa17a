#!/usr/bin/env python3
"""
Dialogue: real lines in five languages, and the ways in which models spoil their translations.

Usage:
    from tests.support.dialogue import DAMAGES, lines_of

    texts = lines_of("de")
    spoiled = DAMAGES["rotated"](ids, texts, random.Random(0))
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parents[1] / "fixtures" / "dialogue" / "lines.tsv"
LANGUAGES = ("en", "de", "es", "fr", "hi")
Answer = list[tuple[Any, str]]
Damage = Callable[[Sequence[int], Sequence[str], random.Random], Answer]


def lines_of(language: str) -> list[str]:
    """Return the dialogue in a language, line by line; the same lines in each."""
    with FILE.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [row[language] for row in rows]


def written(answer: Answer) -> str:
    """Return an answer as a model writes it."""
    rows = [{"id": number, "text": text} for number, text in answer]
    return json.dumps({"lines": rows}, ensure_ascii=False)


def _moved(texts: list[str], start: int, by: int) -> list[str]:
    tail = texts[start:]
    return texts[:start] + tail[by:] + tail[:by]


def _merge_up(ids: Sequence[int], texts: Sequence[str], dice: random.Random) -> Answer:
    """Merge two lines, move the rest up by one, leave out the last id."""
    place = dice.randrange(len(texts) - 1)
    joined = [*texts[:place], f"{texts[place]} {texts[place + 1]}", *texts[place + 2 :]]
    return list(zip(ids, joined, strict=False))


def _merge_up_and_fill(ids: Sequence[int], texts: Sequence[str], dice: random.Random) -> Answer:
    answer = _merge_up(ids, texts, dice)
    return [*answer, (ids[-1], texts[-1])]


def _split_down(ids: Sequence[int], texts: Sequence[str], dice: random.Random) -> Answer:
    """Cut a line in two, move the rest down, lose the last."""
    place = dice.randrange(len(texts) - 1)
    words = texts[place].split()
    half = max(1, len(words) // 2)
    parts = [" ".join(words[:half]), " ".join(words[half:]) or texts[place]]
    return list(zip(ids, [*texts[:place], *parts, *texts[place + 1 : -1]], strict=True))


def _merge_and_dots(ids: Sequence[int], texts: Sequence[str], dice: random.Random) -> Answer:
    """Merge two lines and leave points where the second was."""
    place, spoiled = dice.randrange(len(texts) - 1), list(texts)
    spoiled[place] += f" {texts[place + 1]}"
    spoiled[place + 1] = dice.choice(("...", "…", "-", "♪"))
    return list(zip(ids, spoiled, strict=True))


def _skip_one(ids: Sequence[int], texts: Sequence[str], dice: random.Random) -> Answer:
    place = dice.randrange(len(texts) - 1)
    return list(zip(ids, [*texts[:place], *texts[place + 1 :]], strict=False))


def _invent_one(ids: Sequence[int], texts: Sequence[str], dice: random.Random) -> Answer:
    place = dice.randrange(len(texts) - 1)
    return list(zip(ids, [*texts[:place], texts[-1], *texts[place:-1]], strict=True))


def _rotated(ids: Sequence[int], texts: Sequence[str], dice: random.Random) -> Answer:
    return list(zip(ids, _moved(list(texts), 0, 1), strict=True))


def _rotated_back(ids: Sequence[int], texts: Sequence[str], dice: random.Random) -> Answer:
    return list(zip(ids, _moved(list(texts), 0, -1), strict=True))


def _tail_moved(ids: Sequence[int], texts: Sequence[str], dice: random.Random) -> Answer:
    return list(zip(ids, _moved(list(texts), len(texts) - dice.randint(2, 4), 1), strict=True))


def _two_swapped(ids: Sequence[int], texts: Sequence[str], dice: random.Random) -> Answer:
    place, spoiled = dice.randrange(len(texts) - 1), list(texts)
    spoiled[place], spoiled[place + 1] = spoiled[place + 1], spoiled[place]
    return list(zip(ids, spoiled, strict=True))


def _far_swapped(ids: Sequence[int], texts: Sequence[str], dice: random.Random) -> Answer:
    one, two = dice.sample(range(len(texts)), 2)
    spoiled = list(texts)
    spoiled[one], spoiled[two] = spoiled[two], spoiled[one]
    return list(zip(ids, spoiled, strict=True))


def _repeated(ids: Sequence[int], texts: Sequence[str], dice: random.Random) -> Answer:
    place, spoiled = dice.randrange(len(texts) - 1), list(texts)
    spoiled[place + 1] = spoiled[place]
    return list(zip(ids, spoiled, strict=True))


def _reversed(ids: Sequence[int], texts: Sequence[str], dice: random.Random) -> Answer:
    return list(zip(ids, reversed(texts), strict=True))


def _ids_off_by_one(ids: Sequence[int], texts: Sequence[str], dice: random.Random) -> Answer:
    return [(number + 1, text) for number, text in zip(ids, texts, strict=True)]


def _ids_from_one(ids: Sequence[int], texts: Sequence[str], dice: random.Random) -> Answer:
    return [(number, text) for number, text in enumerate(texts, 1)]


def _ids_as_words(ids: Sequence[int], texts: Sequence[str], dice: random.Random) -> Answer:
    return [(f"line {number}", text) for number, text in zip(ids, texts, strict=True)]


def _one_for_all(ids: Sequence[int], texts: Sequence[str], dice: random.Random) -> Answer:
    return [(number, texts[0]) for number in ids]


def _apology(ids: Sequence[int], texts: Sequence[str], dice: random.Random) -> Answer:
    return [(number, "I'm sorry, but I can't assist with that.") for number in ids]


def _noted(ids: Sequence[int], texts: Sequence[str], dice: random.Random) -> Answer:
    note = " (Note: the speaker is joking here)"
    return [(number, text + note) for number, text in zip(ids, texts, strict=True)]


def _quoted(ids: Sequence[int], texts: Sequence[str], dice: random.Random) -> Answer:
    return [(number, f'"{text}"') for number, text in zip(ids, texts, strict=True)]


def _numbered(ids: Sequence[int], texts: Sequence[str], dice: random.Random) -> Answer:
    return [
        (number, f"{place}. {text}")
        for place, (number, text) in enumerate(zip(ids, texts, strict=True), 1)
    ]


def _pairs_swapped(ids: Sequence[int], texts: Sequence[str], dice: random.Random) -> Answer:
    """Swap each line with the next one, all along."""
    swapped = [
        text
        for pair in (texts[start : start + 2] for start in range(0, len(texts), 2))
        for text in reversed(pair)
    ]
    return list(zip(ids, swapped, strict=True))


def _halves_swapped(ids: Sequence[int], texts: Sequence[str], dice: random.Random) -> Answer:
    middle = len(texts) // 2
    return list(zip(ids, [*texts[middle:], *texts[:middle]], strict=True))


def _three_rotated(ids: Sequence[int], texts: Sequence[str], dice: random.Random) -> Answer:
    place, spoiled = dice.randrange(max(1, len(texts) - 2)), list(texts)
    spoiled[place : place + 3] = _moved(spoiled[place : place + 3], 0, 1)
    return list(zip(ids, spoiled, strict=True))


def _off_from_the_middle(ids: Sequence[int], texts: Sequence[str], dice: random.Random) -> Answer:
    """Say one line twice in the middle, so that the rest comes one too late."""
    middle = len(texts) // 2
    return list(zip(ids, [*texts[:middle], *texts[middle - 1 : -1]], strict=True))


def _last_repeated(ids: Sequence[int], texts: Sequence[str], dice: random.Random) -> Answer:
    """Get stuck: from somewhere on each line has the text before."""
    place = dice.randrange(1, len(texts))
    return list(zip(ids, [*texts[:place], *[texts[place - 1]] * (len(texts) - place)], strict=True))


def _merged_and_empty(ids: Sequence[int], texts: Sequence[str], dice: random.Random) -> Answer:
    place, spoiled = dice.randrange(len(texts) - 1), list(texts)
    spoiled[place : place + 2] = [f"{texts[place]} {texts[place + 1]}", ""]
    return list(zip(ids, spoiled, strict=True))


def _merged_here_split_there(
    ids: Sequence[int], texts: Sequence[str], dice: random.Random
) -> Answer:
    """Merge two lines, cut a later one in two: as many answers as lines."""
    place = dice.randrange(len(texts) - 1)
    spoiled = [*texts[:place], f"{texts[place]} {texts[place + 1]}", *texts[place + 2 :]]
    longest = max(range(place, len(spoiled)), key=lambda index: len(spoiled[index].split()))
    head, tail = _halves(spoiled[longest])
    spoiled[longest : longest + 1] = [head, tail or head]
    return list(zip(ids, spoiled, strict=True))


def _half_moved_down(ids: Sequence[int], texts: Sequence[str], dice: random.Random) -> Answer:
    """Begin a line with the second half of the line before."""
    spoiled, place = list(texts), _place_to_halve(texts[:-1], dice)
    head, tail = _halves(spoiled[place])
    spoiled[place : place + 2] = [head, f"{tail} {spoiled[place + 1]}".strip()]
    return list(zip(ids, spoiled, strict=True))


def _half_moved_up(ids: Sequence[int], texts: Sequence[str], dice: random.Random) -> Answer:
    """End a line with the first half of the line after."""
    spoiled, place = list(texts), 1 + _place_to_halve(texts[1:], dice)
    head, tail = _halves(spoiled[place])
    spoiled[place - 1 : place + 1] = [f"{spoiled[place - 1]} {head}", tail or head]
    return list(zip(ids, spoiled, strict=True))


def _next_one_too(ids: Sequence[int], texts: Sequence[str], dice: random.Random) -> Answer:
    """Say a line at the end of the one before as well."""
    place, spoiled = dice.randrange(len(texts) - 1), list(texts)
    spoiled[place] += f" {texts[place + 1]}"
    return list(zip(ids, spoiled, strict=True))


def _place_to_halve(texts: Sequence[str], dice: random.Random) -> int:
    """Return a line of four words or more, the longest where none has as many."""
    long = [place for place, text in enumerate(texts) if len(text.split()) >= 4]
    return dice.choice(long) if long else max(range(len(texts)), key=lambda n: len(texts[n]))


def _halves(text: str) -> tuple[str, str]:
    """Return a text cut where a sentence ends, else in its middle."""
    words = text.split()
    ends = [n for n, word in enumerate(words[:-1], 1) if word[-1] in ".!?…।"]
    cut = ends[len(ends) // 2] if ends else max(1, len(words) // 2)
    return " ".join(words[:cut]), " ".join(words[cut:])


# What each makes of a right answer; none of its texts may stand under a line that it does not
# belong to.
DAMAGES: dict[str, Damage] = {
    "merged, rest moved up": _merge_up,
    "merged, rest moved up, last id twice": _merge_up_and_fill,
    "split, rest moved down": _split_down,
    "merged, points for the second": _merge_and_dots,
    "one left out, rest moved up": _skip_one,
    "one invented, rest moved down": _invent_one,
    "rotated": _rotated,
    "rotated back": _rotated_back,
    "the last few moved": _tail_moved,
    "two neighbours swapped": _two_swapped,
    "two far ones swapped": _far_swapped,
    "one repeated": _repeated,
    "reversed": _reversed,
    "ids one too high": _ids_off_by_one,
    "ids from one": _ids_from_one,
    "ids as words": _ids_as_words,
    "one text for all": _one_for_all,
    "an apology for each": _apology,
    "a note in each": _noted,
    "quotation marks around each": _quoted,
    "numbered": _numbered,
    "all pairs swapped": _pairs_swapped,
    "halves of the batch swapped": _halves_swapped,
    "three neighbours rotated": _three_rotated,
    "one too late from the middle": _off_from_the_middle,
    "the last one repeated": _last_repeated,
    "merged, nothing for the second": _merged_and_empty,
    "merged here, split there": _merged_here_split_there,
    "half of a line moved down": _half_moved_down,
    "half of a line moved up": _half_moved_up,
    "the next line said twice": _next_one_too,
}
