#!/usr/bin/env python3
"""
Wishes: what people want of their subtitles, and what to type for it.

The options go behind `./run-pipeline.sh subtitle FILE`; a setting may also stand in
config/.env.local, for all jobs.

Usage:
    from tools.documentation.wishes import WISHES, wishes_table
"""

from __future__ import annotations

# What is wanted, what to type, what it does.
WISHES = (
    (
        "shorter subtitles",
        "--set SUBTITLE_LINE_LENGTH=32",
        "lines of 32 characters; `--set SUBTITLE_MAX_LINES=1` for one line, "
        "`--set SUBTITLE_MAX_DURATION=4` for cues of 4 s at most",
    ),
    (
        "subtitles that stay longer",
        "--set SUBTITLE_READING_SPEED=14",
        "time for 14 characters a second, where the speech leaves it; for children "
        "`--set SUBTITLE_AUDIENCE=child`",
    ),
    (
        "names right",
        "--set ASR_HOTWORDS_LENGTH=200",
        "recognition expects the names of the glossary; write them into "
        "`glossary/My Film (2019).tsv` first ([how](../glossary/README.md))",
    ),
    (
        "two languages",
        "-t en,de",
        "a file and a track for each, and one for what is spoken; "
        "`--set DEFAULT_SUBTITLE=de` says which players switch on",
    ),
    (
        "two languages at once",
        "-t en,hi --set BILINGUAL=en+hi",
        "one more track, `My Film.en+hi.srt`: English above, Hindi below it; "
        "`--set BILINGUAL_STYLE=italic` slants what stands below",
    ),
    (
        "my own subtitles, in time",
        "--subtitles FILE --sync",
        "begins with FILE and brings its times to where somebody speaks; by how much is told",
    ),
    (
        "my GPU",
        "--set DEVICE=cuda",
        "refused with a new film where no GPU is here, unlike `auto`; where it fails the CPU goes "
        "on and it is told; `python3 tools/doctor.py` says what is here, "
        "`--set COMPUTE_TYPE=int8_float16` takes half of its memory",
    ),
    (
        "faster",
        "--set ASR_BEAM_SIZE=1 --set SUBTITLE_SHOT_CHANGES=false",
        "a little worse; a smaller model helps most: `--set WHISPER_MODEL=base`; "
        "`venv/whisperx/bin/python tools/tune_recognition.py` finds, once, the batch and threads "
        "that are fastest on this machine",
    ),
    (
        "better",
        "--set WHISPER_MODEL=large-v3",
        "for Hindi above all (3 GB, fetched once; slow without a GPU); where it cannot be fetched "
        "`base` is taken and told",
    ),
    (
        "deaf viewers",
        "--set SDH=on",
        "one more track each, with sounds and the speakers' names that the glossary knows; "
        "with `--set DIARIZATION=embedding` the speakers are told apart",
    ),
    (
        "Hinglish",
        "-t hi-Latn",
        "Hindi in Roman letters beside Devanagari; `--set SCRIPT_POLICY=roman` instead of it",
    ),
    (
        "subtitles burnt in",
        "--set BURN_IN=en",
        "drawn into the picture, which is encoded anew; `en.sdh` is the track for deaf viewers",
    ),
    (
        "smaller files",
        "--to subtitle_generation --set SUBTITLE_FORMATS=srt",
        "no second film, one subtitle file a language; `--set CACHE_MAX_GB=5` keeps less for "
        "later jobs, `./run-pipeline.sh jobs clean --older-than 30d` removes old jobs",
    ),
)
HEAD = """\
## I want …

Type it behind `./run-pipeline.sh subtitle FILE`; in `config/.env.local`, without `--set`, a setting
holds for all jobs.

| I want | type | which does |
|---|---|---|
"""


def wishes_table() -> str:
    """Return the table for people."""
    rows = [f"| {wish} | `{typed}` | {does} |\n" for wish, typed, does in WISHES]
    return HEAD + "".join(rows)
