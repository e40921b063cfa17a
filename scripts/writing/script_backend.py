#!/usr/bin/env python3
"""
Script backend: Hindi written in other letters, as an engine that a worker process runs.

Into hi-Latn a line becomes readable Hinglish. Into hi it comes as its tokens, one a line, and goes
as token, origin and evidence (shared/transcript/writing/devanagari.py) with tabs between, one a
line, so that every token keeps its time.

Usage:
    with WorkerBackend(python, "script", BackendOptions(model=""), 900) as backend:
        backend.translate([SourceLine(0, "تم\\noffice\\nkab")], source="hi", target="hi")
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scripts.writing.xlit_integration import MODEL_NAME, find_loan, open_hindi, readable_hinglish
from shared.core.paths import MODELS_DIR
from shared.transcript.languages.alphabets import LATIN, script_of
from shared.transcript.writing.devanagari import HindiKnowledge, into_devanagari
from shared.transcript.writing.loan_words import loans_in_latin
from shared.transcript.writing.script_policy import join_rewritten, split_tokens
from shared.translation.backend import BackendOptions, SourceLine


def open_backend(options: BackendOptions) -> ScriptBackend:
    """Return the backend.

    Args:
        options: `extra["keep_english"]`: English words keep their Latin letters; `extra["loans"]`:
            those that were heard in Devanagari are put back into them.
    """
    extra = options.extra
    return ScriptBackend(bool(extra.get("keep_english", True)), bool(extra.get("loans", False)))


class ScriptBackend:
    """Writes Hindi in another script.

    Args:
        keep_english: English words keep their Latin letters.
        loans: English words in Devanagari are put back into them.
    """

    name = "script"
    model = MODEL_NAME

    def __init__(self, keep_english: bool, loans: bool) -> None:
        self._keep_english = keep_english
        self._loans = loans

    def translate(
        self,
        lines: Sequence[SourceLine],
        source: str,
        target: str,
        before: Sequence[SourceLine] = (),
    ) -> Mapping[int, str]:
        """Return each line in the script of `target` by id; see shared/translation/backend.py.

        Args:
            lines: Hindi, each line with its id.
            source: Hindi in the script of the lines: hi or hi-Latn.
            target: Hindi in the script that is wanted.
            before: Lines in front; letters need none.

        Raises:
            UnavailableError: This environment lacks a library.
        """
        if script_of(target) == LATIN:
            return {line.id: readable_hinglish(line.text) for line in lines}
        with open_hindi(MODELS_DIR) as hindi:
            return {line.id: self._rewritten(line.text, hindi) for line in lines}

    def _rewritten(self, text: str, hindi: HindiKnowledge) -> str:
        tokens = into_devanagari(split_tokens(text), hindi, self._keep_english)
        return join_rewritten(loans_in_latin(tokens, find_loan) if self._loans else tokens)
