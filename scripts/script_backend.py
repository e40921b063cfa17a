#!/usr/bin/env python3
"""
Script backend: Hindi written in other letters, as an engine that a worker process runs.

Into hi-Latn a line becomes readable Hinglish. Into hi it comes as its tokens, one a line, and goes
as token, tab, origin (shared/transcript/devanagari.py), one a line, so that every token keeps its
time.

Usage:
    with WorkerBackend(python, "script", BackendOptions(model=""), 900) as backend:
        backend.translate([SourceLine(0, "تم\\noffice\\nkab")], source="hi", target="hi")
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scripts.xlit_integration import MODEL_NAME, open_hindi, readable_hinglish
from shared.core.paths import MODELS_DIR
from shared.transcript.devanagari import into_devanagari
from shared.transcript.script_policy import join_rewritten, split_tokens
from shared.transcript.scripts import LATIN, script_of
from shared.translation.backend import BackendOptions, SourceLine


def open_backend(options: BackendOptions) -> ScriptBackend:
    """Return the backend.

    Args:
        options: `extra["keep_english"]`: whether English words keep their Latin letters.
    """
    return ScriptBackend(bool(options.extra.get("keep_english", True)))


class ScriptBackend:
    """Writes Hindi in another script.

    Args:
        keep_english: English words keep their Latin letters.
    """

    name = "script"
    model = MODEL_NAME

    def __init__(self, keep_english: bool) -> None:
        self._keep_english = keep_english

    def translate(
        self,
        lines: Sequence[SourceLine],
        source: str,
        target: str,
        before: Sequence[SourceLine] = (),
    ) -> Mapping[int, str]:
        """Return each line in the script of `target` by id; see shared/translation/backend.py.

        Raises:
            UnavailableError: This environment lacks a library.
        """
        if script_of(target) == LATIN:
            return {line.id: readable_hinglish(line.text) for line in lines}
        with open_hindi(MODELS_DIR) as hindi:
            return {
                line.id: join_rewritten(
                    into_devanagari(split_tokens(line.text), hindi, self._keep_english)
                )
                for line in lines
            }
