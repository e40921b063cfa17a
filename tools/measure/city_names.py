#!/usr/bin/env python3
"""
Measure city names: how well a name is found again in another script, by our likeness and others.

The names of 166 cities as CLDR writes them in each language, against their English ones: how many
are found where so few of the 27,390 wrong pairs score as high, and how many are as alike as the
glossary asks for. What ours is measured against is given by libraries that the pipeline does not
have:

    venv/common/bin/python -m pip install --target DIR Babel jellyfish Metaphone

Usage:
    PYTHONPATH=DIR venv/common/bin/python tools/measure/city_names.py hi ta ru ja
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from anyascii import anyascii
from rapidfuzz.distance import Levenshtein

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.errors import EXIT_SUCCESS  # noqa: E402
from shared.core.usage import CommandParser, ended  # noqa: E402
from shared.glossary.sounds import likeness  # noqa: E402
from shared.glossary.wordings import SAME_WORD  # noqa: E402

Score = Callable[[str, str], float]
# So many wrong pairs may score as high as a name that is found.
WRONG_PAIRS = (1, 3, 10)


def cities(language: str) -> dict[str, str]:
    """Return the names of cities by time zone, as CLDR has them.

    Args:
        language: One of CLDR's locales.
    """
    zones: dict[str, Any] = import_module("babel").Locale.parse(language)._data["time_zones"]
    return {zone: str(told["city"]) for zone, told in zones.items() if "city" in told}


def methods() -> dict[str, Score]:
    """Return what is compared, by name: our likeness, and the libraries' on Roman letters."""
    jellyfish, metaphone = import_module("jellyfish"), import_module("metaphone")

    @cache
    def roman(text: str) -> str:
        return str(anyascii(text)).lower()

    def edits(code: Callable[[str], str]) -> Score:
        known = cache(code)
        return lambda one, other: Levenshtein.normalized_similarity(known(one), known(other))

    return {
        "ours": likeness,
        "letters": edits(roman),
        "jaro-winkler": lambda a, b: float(jellyfish.jaro_winkler_similarity(roman(a), roman(b))),
        "metaphone": edits(lambda text: str(jellyfish.metaphone(roman(text)))),
        "double metaphone": edits(lambda text: str(metaphone.doublemetaphone(roman(text))[0])),
    }


def found(score: Score, names: list[str], foreign: list[str]) -> list[int]:
    """Return the percentage of names that are found, for each of WRONG_PAIRS.

    Args:
        score: How alike two names are.
        names: English names.
        foreign: The same cities in another language.
    """
    table = np.array([[score(name, one) for name in names] for one in foreign])
    wrong = np.sort(table[~np.eye(len(names), dtype=bool)])[::-1]
    return [round(100 * float((np.diag(table) > wrong[count]).mean())) for count in WRONG_PAIRS]


def main(arguments: list[str] | None = None) -> int:
    """Print a line for each language; return the exit code.

    Args:
        arguments: Without the program's name; None takes those of the process.
    """
    parser = CommandParser(
        prog="tools/measure/city_names.py", description=(__doc__ or "").splitlines()[1]
    )
    parser.add_argument("languages", nargs="+", help="CLDR locales, for example hi ta ru ja")
    options = parser.parse_args(arguments)
    english = {zone: zone.split("/")[-1].replace("_", " ") for zone in cities("de")} | cities("en")
    for language in options.languages:
        told = cities(language)
        zones = [zone for zone in english if told.get(zone, english[zone]) != english[zone]]
        names, foreign = [english[zone] for zone in zones], [told[zone] for zone in zones]
        print(language, len(zones), "names, % found with at most", WRONG_PAIRS, "wrong pairs:")
        for name, score in methods().items():
            print(f"  {name:<17}", *found(score, names, foreign))
        alike = sum(likeness(*pair) >= SAME_WORD for pair in zip(names, foreign, strict=True))
        print(f"  ours, likeness {SAME_WORD} and more: {round(100 * alike / len(names))}")
    return EXIT_SUCCESS


if __name__ == "__main__":
    sys.exit(ended(main))
