#!/usr/bin/env python3
"""
Measure growth: the time and memory of every stage against the length of the film.

Films of 10, 30, 60 and 120 minutes are made of recorded speech, one line after another, and a
picture that cuts every few seconds. Every stage runs as in any job; where recognition would take
too long, its transcript is made from the regions that the detector found (--hear says up to which
length it is heard for real). A stage that grows faster than the film, or takes more memory than
allowed, makes the exit code 1.

Usage:
    venv/common/bin/python tests/performance/measure_growth.py [--minutes 10,30,60,120] \\
        [--hear 10] [--sound CLIP…] [--language en] [--most-mb 1200]
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.files import write_text  # noqa: E402
from shared.core.paths import SPEECH_FIXTURES_DIR  # noqa: E402
from shared.pipeline.job.checkpoint import CheckpointManager  # noqa: E402
from shared.pipeline.job.output_file import describe_outputs  # noqa: E402
from shared.stage_order import STAGE_ORDER, get_stage_dir  # noqa: E402
from shared.transcript.records.schemas import (  # noqa: E402
    Segment,
    SpeechRegion,
    SpeechSegments,
    Transcript,
    Word,
)
from tests.support.checkpoints import make_checkpoint  # noqa: E402
from tests.support.commands import in_environment  # noqa: E402
from tests.support.media import ffmpeg  # noqa: E402

SETTINGS = {"WHISPER_MODEL": "base", "DEVICE": "cpu", "COMPUTE_TYPE": "int8", "CACHE_MAX_GB": "0"}
SETTINGS |= {
    "TMDB_ENABLED": "false",
    "HF_HUB_OFFLINE": "1",
    "SDH": "on",
    "ALLOW_UNTRANSLATED": "true",
}
VOCABULARY = "I you the house going to know that he she will not and but when morning never".split()
WORD_SECONDS = 0.35
FIRST_MINUTES = 0.5
# Faster than linear by more than what a start and the load of a machine explain.
MOST_GROWTH = 1.25
# A stage of less tells of its start only, seconds.
LEAST_SECONDS = 5.0
Figures = dict[str, tuple[float, float]]


def main() -> int:
    """Measure and print; return 1 when a stage grows too fast or takes too much memory."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[1])
    parser.add_argument("--minutes", default="10,30,60,120", help="lengths, comma-separated")
    parser.add_argument("--hear", type=float, default=0, help="recognise for real up to this")
    parser.add_argument("--sound", type=Path, nargs="+", help="clips (default: the test lines)")
    parser.add_argument("--language", default="en")
    parser.add_argument("--most-mb", type=float, default=1200.0)
    options = parser.parse_args()
    clips = options.sound or sorted(SPEECH_FIXTURES_DIR.glob(f"{options.language}-*.opus"))
    found: dict[float, Figures] = {}
    # The first film prepares what later ones find: exported networks, compiled code.
    for minutes in (FIRST_MINUTES, *map(float, options.minutes.split(","))):
        with tempfile.TemporaryDirectory() as folder:
            film = make_film(Path(folder) / "film.mkv", clips, minutes)
            is_heard = minutes <= options.hear
            found[minutes] = run(film, options.language, is_heard)
        print(f"{minutes:g} minutes done", file=sys.stderr, flush=True)
    del found[FIRST_MINUTES]
    return tell(found, options.most_mb)


def make_film(target: Path, clips: list[Path], minutes: float) -> Path:
    """Make a film of so many minutes; return its path.

    Args:
        target: Where.
        clips: What is heard in it, again and again.
        minutes: Its length.
    """
    speech = target.with_suffix(".flac")
    inputs = [part for clip in clips for part in ("-i", clip)]
    heard = "".join(f"[{n}:a:0]aresample=48000,apad=pad_dur=1[a{n}];" for n in range(len(clips)))
    joined = "".join(f"[a{n}]" for n in range(len(clips)))
    graph = f"{heard}{joined}concat=n={len(clips)}:v=0:a=1,aformat=channel_layouts=stereo"
    ffmpeg(*inputs, "-filter_complex", graph, "-c:a", "flac", speech)
    scene = "testsrc=s=320x136:r=24:d=4[one];smptebars=s=320x136:r=24:d=4[two];[one][two]concat"
    ffmpeg("-f", "lavfi", "-i", scene, "-pix_fmt", "yuv420p", target.with_suffix(".mp4"))
    loops = [("-stream_loop", -1, "-i", target.with_suffix(end)) for end in (".mp4", ".flac")]
    kept = ("-map", "0:v", "-map", "1:a", "-c", "copy", "-t", minutes * 60)
    ffmpeg(*loops[0], *loops[1], *kept, target)
    return target


def run(film: Path, language: str, is_heard: bool) -> Figures:
    """Return seconds and MB at the most of every stage of a film's job.

    Args:
        film: The film.
        language: That is spoken.
        is_heard: Whether the speech is recognised.
    """
    root = film.parent / "out"
    first = [film, "-s", language, *([] if is_heard else ["--to", "pyannote_vad"])]
    run_pipeline(root, *first)
    job_dir = next(root.glob("*/*/*/*/1"))
    if not is_heard:
        write_transcript(job_dir, language)
        run_pipeline(root, job_dir, "--from", "alignment")
    records = CheckpointManager(job_dir, only_looks=True)
    known = ((stage, records.load_record(stage)) for stage in STAGE_ORDER)
    return {
        stage: (record.seconds, record.peak_memory_mb)
        for stage, record in known
        if record is not None and record.status == "done" and (is_heard or stage != "asr")
    }


def run_pipeline(root: Path, *arguments: object) -> None:
    """Run the workflow subtitle; what fails ends the measurement.

    Args:
        root: Where jobs lie.
        arguments: Film or job, and options.
    """
    command = [str(PROJECT_ROOT / "run-pipeline.sh"), "subtitle", *map(str, arguments)]
    environment = os.environ | in_environment(SETTINGS | {"OUTPUT_ROOT": str(root)})
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(done.stderr)


def write_transcript(job_dir: Path, language: str) -> None:
    """Write what recognition would have: words in every region that the detector found.

    Args:
        job_dir: A job that is done up to pyannote_vad.
        language: That is spoken.
    """
    name = job_dir / get_stage_dir("pyannote_vad") / "speech_segments.json"
    speech = SpeechSegments.model_validate_json(name.read_bytes())
    vocabulary = cycle(VOCABULARY)
    segments = [
        segment(number, region, vocabulary, language)
        for number, region in enumerate(speech.regions)
    ]
    folder = job_dir / get_stage_dir("asr")
    folder.mkdir(exist_ok=True)
    made = Transcript(
        language=language,
        engine="made",
        model="none",
        audio_duration=speech.audio_duration,
        segments=segments,
    )
    write_text(folder / "segments.json", made.model_dump_json())
    record = make_checkpoint("asr", outputs=describe_outputs(folder))
    CheckpointManager(job_dir).save_record(record)


def segment(number: int, region: SpeechRegion, vocabulary: Iterator[str], language: str) -> Segment:
    """Return a sentence that fills a region.

    Args:
        number: Its id.
        region: Where somebody speaks.
        vocabulary: The words, one after another.
        language: BCP-47.
    """
    count = max(1, int(region.duration / WORD_SECONDS))
    step = region.duration / count
    starts = [region.start + step * place for place in range(count)]
    words = [Word(start=at, end=at + 0.9 * step, text=next(vocabulary)) for at in starts]
    return Segment(
        id=number,
        start=region.start,
        end=region.end,
        text=" ".join(word.text for word in words),
        confidence=0.9,
        language=language,
        words=words,
    )


def tell(found: dict[float, Figures], most_mb: float) -> int:
    """Print the table; return 1 when a stage grows too fast or takes too much memory.

    Args:
        found: Minutes to the figures of each stage.
        most_mb: MB that no stage may take.
    """
    lengths = sorted(found)
    print("| stage | " + " | ".join(f"{n:g} min" for n in lengths) + " | time grows | memory |")
    print("|---" * (len(lengths) + 3) + "|")
    code = 0
    for stage in (one for one in STAGE_ORDER if any(one in found[n] for n in lengths)):
        figures = {n: found[n][stage] for n in lengths if stage in found[n]}
        cells = [
            f"{figures[n][0]:.1f} s, {figures[n][1]:.0f} MB" if n in figures else "–"
            for n in lengths
        ]
        growth = exponent({n: seconds for n, (seconds, _) in figures.items()})
        memory = max(mb for _, mb in figures.values())
        faults = ["too fast" if growth and growth > MOST_GROWTH else ""]
        faults.append(f"over {most_mb:.0f} MB" if memory > most_mb else "")
        code = 1 if any(faults) else code
        power = f"length^{growth:.2f}" if growth is not None else "–"
        row = [stage, *cells, f"{power} {faults[0]}".strip(), faults[1] or "ok"]
        print("| " + " | ".join(row) + " |")
    return code


def exponent(seconds: dict[float, float]) -> float | None:
    """Return the power of the length that the time grows with; None where it tells of starts only.

    Args:
        seconds: Minutes to seconds.
    """
    telling = {n: one for n, one in seconds.items() if one >= LEAST_SECONDS}
    if len(telling) < 2:
        return None
    first, last = min(telling), max(telling)
    return math.log(telling[last] / telling[first]) / math.log(last / first)


if __name__ == "__main__":
    sys.exit(main())
