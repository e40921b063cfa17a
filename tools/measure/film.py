#!/usr/bin/env python3
"""
Measure film: everything that a viewer would notice, on a set of clips, in one table.

Each clip of a manifest (a JSON list, as tools/measure/clips.py reads it) goes through the whole
pipeline, and its sound again with silence in front, so that windows fall otherwise. Of each clip:
word errors over the shifts (mean and spread), seconds of text where nobody speaks and of speech
without text, the share of the expected script, onsets against the reference, cues that end inside
a phrase, SubER, how far a translation is above one in a wrong order, and who spoke when.

Usage:
    venv/common/bin/python tools/measure/film.py MANIFEST --only id,id --shifts 0,0.3,0.7
    venv/common/bin/python tools/measure/film.py MANIFEST --set WHISPER_MODEL=base --json after.json
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from argparse import Namespace
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.errors import EXIT_SUCCESS, DependencyError, InputError  # noqa: E402
from shared.core.usage import CommandParser, ended, named_path, usage_of  # noqa: E402
from shared.environment_manager import EnvironmentManager  # noqa: E402
from shared.subtitles.layout.line_breaks import break_faults  # noqa: E402
from shared.transcript.records.schemas import Transcript  # noqa: E402
from tools.evaluation.inputs import Line, read_lines, read_onsets  # noqa: E402
from tools.evaluation.timing import coverage, cue_times, onset_errors  # noqa: E402
from tools.evaluation.translation import score_translation  # noqa: E402
from tools.evaluation.words import rate, word_errors  # noqa: E402
from tools.measure.clips import SAMPLE_RATE, Figures, load_audio, measured, read_clips  # noqa: E402
from tools.speech_fixtures.voices import write_wav  # noqa: E402

USER = "measure"
TRANSCRIPT = "09_export_transcript/transcript.json"
SUBTITLES = "11_subtitle_generation"
# What is in the table: field, heading, digits.
COLUMNS = (
    ("wer", "words wrong %", 1),
    ("wer_spread", "± over shifts", 1),
    ("invented", "invented s", 1),
    ("lost", "lost s", 1),
    ("script", "script %", 1),
    ("onset", "onset ms", 0),
    ("broken", "broken cues %", 1),
    ("suber", "SubER", 1),
    ("adequacy", "chrF over floor", 1),
    ("untranslated", "untranslated", 0),
    ("der", "speakers wrong %", 1),
)


def run_job(film: Path, clip: Figures, workflow: str, options: Namespace, folder: Path) -> Path:
    """Run a whole job; return its directory.

    Args:
        film: What is heard.
        clip: Its language.
        workflow: transcribe or subtitle.
        options: Target language and settings.
        folder: Where the job goes.

    Raises:
        DependencyError: The job failed.
    """
    root = Path(tempfile.mkdtemp(dir=folder))
    # Lines without translation are a figure here, no failure.
    usual = [f"OUTPUT_ROOT={root}", "CACHE_MAX_GB=0", "ALLOW_UNTRANSLATED=true"]
    settings = [*usual, *options.settings]
    target = [] if workflow == "transcribe" or not options.to else ["-t", options.to]
    command = [str(PROJECT_ROOT / "run-pipeline.sh"), workflow, str(film), *target]
    command += ["-s", str(clip["language"]), "--user", USER]
    command += [part for setting in settings for part in ("--set", setting)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    jobs = [path.parent for path in root.rglob("job.json")]
    if done.returncode or len(jobs) != 1:
        told = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
        raise DependencyError(
            f"{clip['id']}: exit code {done.returncode}: {''.join(told[-1:]) or 'no word'}"
        )
    return jobs[0]


def shifted(clip: Figures, seconds: float, folder: Path) -> Path:
    """Write a clip's sound with silence in front; return the file.

    Args:
        clip: With its path.
        seconds: Of silence.
        folder: Where the file goes.
    """
    import numpy as np

    silence = np.zeros(int(seconds * SAMPLE_RATE), dtype=np.float32)
    path = folder / f"{clip['id']}-{seconds}.wav"
    write_wav(path, np.concatenate([silence, load_audio(Path(clip["path"]))]), SAMPLE_RATE)
    return path


def words_wrong(clip: Figures, job: Path) -> float | None:
    """Return the word error rate of a job's transcript, percent; None without a reference.

    Args:
        clip: With its reference text.
        job: A job directory.
    """
    if not clip.get("reference_text"):
        return None
    said = " ".join(line.said for line in read_lines(job / TRANSCRIPT))
    edits, words = word_errors(str(clip["reference_text"]), said)
    return rate(edits, words)


def judge(clip: Figures, job: Path, manifest: Path, options: Namespace) -> Figures:
    """Return the figures of one finished job.

    Args:
        clip: With what is known of it.
        job: A job directory.
        manifest: Its folder holds the references.
        options: Target language.
    """
    folder = manifest.resolve().parent
    transcript = Transcript.model_validate_json((job / TRANSCRIPT).read_text(encoding="utf-8"))
    cues = _cues(job, str(clip["language"]))
    found: Figures = {
        "script": None if transcript.script_share is None else 100 * transcript.script_share,
        "broken": broken_cues(cues, str(clip["language"])),
    }
    if clip.get("reference_text") == "":
        found["invented"] = sum((one.end or 0.0) - (one.start or 0.0) for one in cues)
    if clip.get("reference_srt"):
        reference = read_lines(folder / str(clip["reference_srt"]))
        lost, invented = coverage(reference, cues), coverage(cues, reference)
        found |= {
            "lost": (1 - lost.share) * lost.of,
            "invented": (1 - invented.share) * invented.of,
        }
        found["suber"] = suber(folder / str(clip["reference_srt"]), job, str(clip["language"]))
        in_times = cue_times(reference, cues)[0].median
        found["onset"] = None if in_times is None else 1000 * in_times
    if clip.get("reference_words"):
        onsets = read_onsets(folder / str(clip["reference_words"]))
        median = onset_errors(onsets, read_lines(job / TRANSCRIPT)).median
        found["onset"] = None if median is None else 1000 * median
    return found | translated(clip, job, folder, options.to)


def translated(clip: Figures, job: Path, folder: Path, target: str) -> Figures:
    """Return how many lines stay untranslated, and chrF above its floor where there is a reference.

    Args:
        clip: With its translations.
        job: A job directory.
        folder: Where the references lie.
        target: BCP-47, "" for none.
    """
    made = list(job.glob(f"*_translation/segments_translated_{target}.json")) if target else []
    if not made:
        return {}
    lines = json.loads(made[0].read_text(encoding="utf-8"))["lines"]
    found: Figures = {"untranslated": sum(one["status"] == "untranslated" for one in lines)}
    if clip.get(f"translation_{target}_srt"):
        reference = read_lines(folder / str(clip[f"translation_{target}_srt"]))
        score = score_translation(reference, _cues(job, target))
        found["adequacy"] = None if score.chrf_floor is None else score.chrf - score.chrf_floor
    return found


def broken_cues(cues: Sequence[Line], language: str) -> float | None:
    """Return the share of cues that end inside a phrase, percent; None for fewer than two.

    Args:
        cues: In order.
        language: BCP-47.
    """
    pairs = [(one.text.split("\n")[-1], two.text.split("\n")[0]) for one, two in pairwise(cues)]
    bad = sum(bool(break_faults(above, below, language)) for above, below in pairs)
    return 100 * bad / len(pairs) if pairs else None


def suber(reference: Path, job: Path, language: str) -> float:
    """Return SubER (subtitle edit rate), percent: words, breaks and times in one figure.

    Args:
        reference: An SRT file.
        job: A job directory.
        language: BCP-47, of which the track is compared.
    """
    from suber.file_readers import SRTFileReader
    from suber.metrics.suber import calculate_SubER

    track = next((job / SUBTITLES).glob(f"*.{language}.srt"))
    hypothesis, wanted = (SRTFileReader(str(path)).read() for path in (track, reference))
    return float(calculate_SubER(hypothesis, wanted))


def speakers_wrong(clip: Figures, manifest: Path, folder: Path) -> float | None:
    """Return the diarization error rate, percent, by the field's scorer; None without a reference.

    Args:
        clip: With its lines and who says them.
        manifest: Its folder holds them.
        folder: Where the figures go.

    Raises:
        DependencyError: The scorer failed.
    """
    if not clip.get("reference_events"):
        return None
    figures = folder / f"{clip['id']}-speakers.json"
    tool = PROJECT_ROOT / "tools" / "measure" / "diarization.py"
    python = EnvironmentManager().python("pyannote")
    command = [str(python), str(tool), "--film", str(clip["path"]), "--json", str(figures)]
    command += ["--lines", str(manifest.resolve().parent / str(clip["reference_events"]))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DependencyError(f"{clip['id']}: {done.stderr.strip().splitlines()[-1:]}")
    return float(json.loads(figures.read_text(encoding="utf-8"))["der"])


def measure_clip(clip: Figures, options: Namespace, folder: Path) -> Figures:
    """Return every figure of a clip.

    Args:
        clip: One of the manifest.
        options: The command line.
        folder: For jobs and sound, which are thrown away.
    """
    job = run_job(Path(clip["path"]), clip, "subtitle", options, folder)
    rates = [words_wrong(clip, job)]
    for seconds in options.shifts:
        if seconds:
            film = shifted(clip, seconds, folder)
            rates.append(words_wrong(clip, run_job(film, clip, "transcribe", options, folder)))
    known = [one for one in rates if one is not None]
    found = judge(clip, job, options.manifest, options)
    found |= {
        "id": clip["id"],
        "wer": statistics.mean(known) if known else None,
        "wer_spread": statistics.stdev(known) if len(known) > 1 else None,
        "der": speakers_wrong(clip, options.manifest, folder),
    }
    return found


def table(rows: Sequence[Figures], before: dict[str, Figures]) -> str:
    """Return the figures as a table in Markdown; of a clip measured before, both.

    Args:
        rows: One a clip.
        before: Earlier figures by id.
    """
    heads = ["clip", *(heading for _, heading, _ in COLUMNS)]
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for row in rows:
        old = before.get(str(row["id"]), {})
        cells = [_cell(row.get(name), old.get(name), digits) for name, _, digits in COLUMNS]
        lines.append("| " + " | ".join([str(row["id"]), *cells]) + " |")
    return "\n".join(lines)


def _cell(figure: Any, earlier: Any, digits: int) -> str:
    if figure is None:
        return "–"
    now = f"{figure:.{digits}f}"
    return now if earlier is None else f"{earlier:.{digits}f} → {now}"


def _cues(job: Path, language: str) -> list[Line]:
    tracks = sorted((job / SUBTITLES).glob(f"*.{language}.srt"))
    return read_lines(tracks[0]) if tracks else []


def _shifts(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError as error:
        raise InputError(f"{text} are no seconds", hint="--shifts 0,0.3,0.7") from error


def main(arguments: list[str] | None = None) -> int:
    """Measure and print one table; return the exit code.

    Args:
        arguments: Without the program's name; None takes those of the process.
    """
    parser = CommandParser(
        prog="tools/measure/film.py",
        description="Everything that a viewer would notice, on a set of clips, in one table.",
        examples=usage_of(__doc__),
        allow_abbrev=False,
    )
    parser.add_argument("manifest", type=named_path, metavar="MANIFEST")
    parser.add_argument("--only", default="", help="ids of clips, comma-separated")
    parser.add_argument("--shifts", default="0,0.3,0.7", help="seconds of silence in front")
    parser.add_argument("--to", default="", metavar="LANG", help="also translate")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="settings")
    parser.add_argument("--before", type=named_path, help="figures to compare with, JSON")
    parser.add_argument("--json", type=named_path, help="also write the figures to this file")
    options = parser.parse_args(arguments)
    options.shifts = _shifts(options.shifts)
    before = json.loads(options.before.read_text("utf-8")) if options.before else []

    def figures() -> list[Figures]:
        with tempfile.TemporaryDirectory(prefix="measure-film-") as folder:
            rows = [
                measure_clip(clip, options, Path(folder))
                for clip in read_clips(options.manifest, options.only)
            ]
        print(table(rows, {str(one["id"]): one for one in before}))
        return rows

    return measured(figures, options.json) or EXIT_SUCCESS


if __name__ == "__main__":
    sys.exit(ended(main))
