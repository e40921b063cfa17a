#!/usr/bin/env python3
"""
Cleaning: takes out of a subtitle file what its owner asks for, and tells each change.

Usage:
    from tools.subtitling.cleaning import clean

    clean(source, arguments, path)
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from shared.core.errors import EXIT_SUCCESS, InputError, counted, shown
from shared.subtitles.checking.loss import refuse_loss
from shared.subtitles.cleaning.cleaning import cleaned
from shared.subtitles.cleaning.picking import cue_after, picked
from shared.subtitles.files.retiming import Move
from shared.subtitles.files.source import SourceFile
from tools.subtitling.arguments import KINDS
from tools.subtitling.writing import refuse_unwritten, write_whole


def clean(source: SourceFile, arguments: argparse.Namespace, target: Path) -> int:
    """Write a file without what was asked for.

    Args:
        source: The file.
        arguments: Which of KINDS.
        target: Where to.

    Returns:
        The exit code.

    Raises:
        InputError: Nothing was asked for, or more would be lost.
    """
    kinds = {kind for kind in KINDS if getattr(arguments, kind)}
    if not kinds:
        options = ", ".join(f"--{kind}" for kind in KINDS)
        raise InputError("What is to be taken out?", hint=f"One or more of {options}")
    refuse_unwritten(source)
    found = cleaned(source, kinds)
    for line in found.changes:
        sys.stderr.write(shown(f"{source.path}: {line}") + "\n")
    if not found.changes:
        sys.stderr.write(shown(f"{source.path}: nothing of it was found") + "\n")
    text = picked(source, found.picks) if found.changes else source.text
    left = [cue_after(source, *pick) for pick in sorted(found.picks.items())]
    new = refuse_loss(replace(source, cues=left), Move(), text, source.format, target)
    write_whole(target, text)
    count = counted(sum(bool(cue.text.strip()) for cue in new.cues), "cue")
    sys.stderr.write(shown(f"{target}: written; {count}") + "\n")
    return EXIT_SUCCESS
