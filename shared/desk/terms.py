#!/usr/bin/env python3
"""
Terms: a word that a person put right in a track, kept for the film in its glossary.

Usage:
    from shared.desk.terms import keep_term

    keep_term(job, track, TermRequest(spoken="Gabbar", right="Gabbar", wrong="Gabber"))
"""

from __future__ import annotations

from pathlib import Path

from shared.config import load_config
from shared.desk.asked import TermRequest
from shared.desk.tracks import EditedTrack
from shared.glossary.adding import add_term
from shared.glossary.files import film_file
from shared.glossary.records import GlossaryTerm
from shared.pipeline.job.job import Job


def keep_term(job: Job, track: EditedTrack, wanted: TermRequest) -> Path:
    """Put a term into the glossary file of a film; return the file.

    Args:
        job: Of the film.
        track: In which the word was put right: it is how this language writes it.
        wanted: The word.

    Raises:
        InputError: The file is damaged, or the word is none.
        UnavailableError: It cannot be written.
    """
    # The machine's own settings: a job from elsewhere chooses no file to write.
    path = film_file(load_config(), job.titled)
    is_same = wanted.right == wanted.spoken
    term = GlossaryTerm(
        source=wanted.spoken,
        preferred_in={} if is_same else {track.language: wanted.right},
        alternatives=(
            [wanted.wrong] if wanted.wrong not in ("", wanted.spoken, wanted.right) else []
        ),
        origin="film",
    )
    add_term(path, term)
    return path
