#!/usr/bin/env python3
"""
Translating: a subtitle file in another language, by a job that begins with it.

Usage:
    from tools.subtitling.translating import translate

    translate(source, arguments, Path("Film.en.srt"))
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from shared.core.errors import EXIT_SUCCESS, InputError, counted, shown
from shared.core.paths import PROJECT_ROOT
from shared.subtitles.checking.loss import refuse_loss
from shared.subtitles.files.conversion import converted
from shared.subtitles.files.names import parse_name
from shared.subtitles.files.retiming import Move
from shared.subtitles.files.source import SourceFile, read_source
from tools.subtitling.arguments import WRITTEN
from tools.subtitling.writing import write_whole

RUN = PROJECT_ROOT / "scripts" / "run-pipeline.py"


def translate(source: SourceFile, arguments: argparse.Namespace, target: Path) -> int:
    """Run the job and write its translation.

    Args:
        source: The file.
        arguments: The languages and settings.
        target: Where to.

    Returns:
        The exit code of the job: 4 where lines stay untranslated.

    Raises:
        InputError: Its file cannot be used.
    """
    language = arguments.target_language
    command = ["translate", str(source.path), "-t", language, "--json"]
    if arguments.source_language:
        command += ["-s", arguments.source_language]
    command += [part for one in arguments.set for part in ("--set", one)]
    done = subprocess.run([sys.executable, str(RUN), *command], stdout=subprocess.PIPE, check=False)
    result = _result(done.stdout)
    made = [path for name, path in result.get("subtitles", {}).items() if _is_of(name, language)]
    if not made:
        if done.returncode:
            return done.returncode
        raise InputError(f"The job made no {language} subtitles", hint=str(result.get("job", "")))
    translated = read_source(Path(made[0]))
    kind = WRITTEN[target.suffix.lower()]
    text = converted(translated, kind, language)
    new = refuse_loss(translated, Move(), text, kind, target)
    write_whole(target, text)
    count = counted(sum(bool(cue.text.strip()) for cue in new.cues), "cue")
    untranslated = result.get("untranslated", {}).get(language, 0)
    left = f"; {untranslated} untranslated" if untranslated else ""
    sys.stderr.write(shown(f"{target}: written; {count}{left}; job {result['job']}") + "\n")
    return done.returncode or EXIT_SUCCESS


def _result(events: bytes) -> dict[str, Any]:
    """Return the last event of a run, {} where there is none."""
    for line in reversed(events.decode("utf-8", errors="replace").splitlines()):
        event: dict[str, Any] = json.loads(line)
        if event.get("event") == "result":
            return event
    return {}


def _is_of(name: str, language: str) -> bool:
    """Return whether a track of a job is in a language, for whomever it is made."""
    return parse_name(f"film.{name}.srt").language == parse_name(f"film.{language}.srt").language
