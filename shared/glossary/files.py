#!/usr/bin/env python3
"""
Files: which glossary files apply to a film, and how far each is trusted.

Usage:
    from shared.glossary.files import glossary_files

    for path, origin in glossary_files(config, job.titled): ...
"""

from __future__ import annotations

import re
from pathlib import Path
from unicodedata import normalize

from shared.core.errors import first_of, one_line
from shared.core.paths import GLOSSARY_DIR, PROJECT_ROOT
from shared.core.settings import PipelineConfig
from shared.glossary.records import Origin

GENERAL = "terms"
LEARNED = "learned"
SUFFIXES = (".tsv", ".csv")
# How the file of another film is called; that one is not read is what its owner wants.
OF_A_FILM = re.compile(r".+ \(\d{4}\)\.(tsv|csv)")
# Beside glossaries: our own page, and what programs leave for themselves.
NO_GLOSSARY = re.compile(r"README\.md|[.~].*|.*~")
MOST_NAMED = 3


def glossary_files(config: PipelineConfig, film: str) -> list[tuple[Path, Origin]]:
    """Return the files that apply, the most trusted first.

    Args:
        config: GLOSSARY_FILES names them, and then they must be there; empty takes those in
            glossary/ that are.
        film: The film as 'Title (Year)'.
    """
    origins: dict[str, Origin] = {film.casefold(): "film", LEARNED: "learned"}
    if config.glossary_files:
        paths = [PROJECT_ROOT / name for name in config.glossary_files]
    else:
        paths = [path for path in usual_files(film) if path.is_file()]
    return [(path, origins.get(path.stem.casefold(), "user")) for path in paths]


def usual_files(film: str) -> list[Path]:
    """Return where a film's glossary files are looked for.

    Args:
        film: The film as 'Title (Year)'.
    """
    names = (film, GENERAL, LEARNED)
    return [GLOSSARY_DIR / f"{name}{suffix}" for name in names for suffix in SUFFIXES]


def film_file(config: PipelineConfig, film: str) -> Path:
    """Return the file into which a term of a film goes: one that is read for it.

    Args:
        config: Of GLOSSARY_FILES the first .tsv; empty takes the film's own in glossary/.
        film: The film as 'Title (Year)'.
    """
    named = [PROJECT_ROOT / name for name in config.glossary_files if name.endswith(SUFFIXES[0])]
    return next(iter(named), GLOSSARY_DIR / f"{film}{SUFFIXES[0]}")


def unread_files(config: PipelineConfig, film: str) -> list[str]:
    """Return a line for what lies in glossary/ under a name or of a kind that is not read.

    Args:
        config: GLOSSARY_FILES names other files, and then nothing is expected of the folder.
        film: The film as 'Title (Year)'.
    """
    if config.glossary_files or not config.glossary_enabled or not GLOSSARY_DIR.is_dir():
        return []
    usual = {path.name for path in usual_files(film)}
    read = {path.name for path in usual_files(film) if path.is_file()}
    others = sorted({path.name for path in GLOSSARY_DIR.iterdir()} - read)
    unread = [
        one for one in others if not (_is_of_another(one, film) or NO_GLOSSARY.fullmatch(one))
    ]
    called = ", ".join(path.name for path in usual_files(film)[:: len(SUFFIXES)])
    reasons = {
        f"a glossary is {' or '.join(SUFFIXES)}, in UTF-8": [
            one for one in unread if not one.endswith(SUFFIXES)
        ],
        f"for this film {called} are read, or what GLOSSARY_FILES names": [
            one for one in unread if one.endswith(SUFFIXES) and one not in usual
        ],
        "there is no file behind it": [one for one in unread if one in usual],
    }
    return [
        f"Not read in glossary/: {one_line(first_of(those, MOST_NAMED))}; {why}"
        for why, those in reasons.items()
        if those
    ]


def _is_of_another(name: str, film: str) -> bool:
    """Return whether a name is that of another film's file, and not this one's spelled otherwise.

    Names differ in their case, and letters with accents come as one character or as two.
    """
    stem, own = (normalize("NFC", text).casefold().split() for text in (Path(name).stem, film))
    return OF_A_FILM.fullmatch(name) is not None and stem != own
