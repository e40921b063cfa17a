#!/usr/bin/env python3
"""
Clips: what the measuring tools read: manifests, sound, and word onsets against a reference.

Usage:
    from tools.measure.clips import load_audio, measured, read_clips

    for clip in read_clips(Path("clips.json")):
        audio = load_audio(Path(clip["path"]))
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from shared.core.errors import EXIT_SUCCESS, InputError
from shared.media.ffmpeg import media_input, pipe_output, read_ffmpeg
from shared.media.probe import probe_media
from tools.evaluation.words import align, normalise

Figures = dict[str, Any]
SAMPLE_RATE = 16000
DECODE_SECONDS = 600.0


def load_audio(path: Path) -> Any:
    """Return the first audio track as float32, 16 kHz mono; of 5.1, the centre channel.

    Args:
        path: A film or a recording.

    Raises:
        InputError: There is no audio.
        DependencyError: It cannot be decoded.
    """
    import numpy as np

    tracks = probe_media(path).audio_streams
    if not tracks:
        raise InputError(f"No audio in {path}", hint=f"Check it with: ffprobe {path}")
    sound = media_input(path)["a:0"]
    if (tracks[0].channel_layout or "").startswith("5.1"):
        sound = sound.filter("pan", args="mono|c0=FC")
    output = pipe_output([sound], "f32le", {"ac": 1, "ar": SAMPLE_RATE})
    return np.frombuffer(read_ffmpeg(output, DECODE_SECONDS), dtype=np.float32)


def read_clips(manifest: Path | None, only: str = "") -> list[Figures]:
    """Return the clips of a manifest, with whole paths and their lines.

    Args:
        manifest: A JSON list.
        only: Ids of the clips that are wanted, with commas; "" for all.

    Raises:
        InputError: There is no manifest, or it cannot be read.
    """
    if manifest is None:
        raise InputError("There are no clips to measure", hint="--manifest clips.json")
    folder = manifest.resolve().parent
    try:
        clips: list[Figures] = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{manifest} cannot be read: {error}", hint="--help") from error
    wanted = set(filter(None, only.split(",")))
    for clip in clips:
        clip["path"] = str(folder / clip["path"])
        if clip.get("reference_srt"):
            from tools.evaluation.inputs import read_lines

            lines = read_lines(folder / clip["reference_srt"])
            clip["lines"] = [(one.start, one.end, one.text) for one in lines]
        if clip.get("reference_words"):
            reference = json.loads((folder / clip["reference_words"]).read_text(encoding="utf-8"))
            words = reference["words"] if isinstance(reference, dict) else reference
            clip["onsets"] = [(one.get("word", one.get("w")), one["start"]) for one in words]
    return [one for one in clips if not wanted or one["id"] in wanted]


def onset_errors(words: Sequence[Sequence[Any]], reference: Sequence[Sequence[Any]]) -> list[float]:
    """Return how far the words that both texts share begin from each other, milliseconds.

    Args:
        words: Text and onset in seconds first.
        reference: The same.
    """
    ours, theirs = (
        ["".join(normalise(str(one[0]))) for one in both] for both in (words, reference)
    )
    return [
        1000.0 * (float(words[a][1]) - float(reference[b][1]))
        for a, b in align(ours, theirs)
        if a is not None and b is not None and ours[a] == theirs[b]
    ]


def measured(measure: Callable[[], Any], output: Path | None) -> int:
    """Measure, write the figures if they are wanted; return the exit code.

    Args:
        measure: Gives the figures, which are printed as they come.
        output: A JSON file to write, None for none.

    Raises:
        InputError: It cannot be measured, or the file not be written.
    """
    try:
        found = measure()
        if output:
            output.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    except (OSError, ValueError) as error:
        raise InputError(f"Cannot measure: {error}") from error
    return EXIT_SUCCESS
