#!/usr/bin/env python3
"""
Files: which glossary files apply to a film, and how far each is trusted.

Usage:
    from shared.glossary.files import glossary_files

    for path, origin in glossary_files(config, job.titled): ...
"""

from __future__ import annotations

from pathlib import Path

from shared.core.paths import GLOSSARY_DIR, PROJECT_ROOT
from shared.core.settings import PipelineConfig
from shared.glossary.records import Origin

GENERAL = "terms"
LEARNED = "learned"


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
    return [GLOSSARY_DIR / f"{name}.tsv" for name in (film, GENERAL, LEARNED)]
