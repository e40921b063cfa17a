#!/usr/bin/env python3
"""
Hindi job: a whole run on what a recogniser wrote of Hindi, in three scripts, to the finished film.

The words are put where the recogniser left its own (no Hindi speech lies here); every other stage
is real, the word lists and the transliterator among them.
"""

from __future__ import annotations

import json
from pathlib import Path

import pysubs2
import pytest

from shared.core.paths import SPEECH_FIXTURES_DIR
from shared.environment_manager import EnvironmentManager
from shared.stage_order import get_stage_dir
from shared.transcript.records.schemas import Transcript, Word
from tests.integration.conftest import run_pipeline
from tests.support.media import ffmpeg, ffprobe
from tests.support.media_job import segment, transcript

pytestmark = pytest.mark.integration

# Start in seconds, what the recogniser wrote, and what is to be shown with SCRIPT_LOANS=latin.
LINES = (
    (0.2, "yaar kal office mein milte hain", "यार कल office में मिलते हैं"),
    (2.4, "ہاں، کل ملتے ہیں", "हाँ, कल मिलते हैं"),
    (4.4, "मेरा टिकट स्टेशन पर है।", "मेरा ticket station पर है।"),
)
ROMAN = "yaar kal office mein milte hain haan, kal milte hain mera ticket station par hai."


def test_hindi_in_three_scripts_comes_out_in_the_one_that_is_wanted(tmp_path: Path) -> None:
    EnvironmentManager().require("indictrans2")
    job_dir = heard_job(tmp_path)
    run(tmp_path, job_dir)
    shown, (title, language) = finished(job_dir, "hi")
    assert shown == " ".join(line for _, _, line in LINES)
    assert (title, language) == ("हिन्दी", "hin")
    made = read(job_dir, "export_transcript", "transcript.json")
    assert [one.script for one in made.segments] == ["repaired", "repaired", "expected"]
    assert [one.heard_text for one in made.segments] == [line for _, line, _ in LINES]
    assert made.segments[1].script_share == 1.0
    assert made.heard_script_share is not None and made.heard_script_share < 0.4
    assert made.script_share is not None and made.script_share >= 0.95

    job = json.loads((job_dir / "job.json").read_text(encoding="utf-8"))
    job["config"] |= {"SCRIPT_POLICY": "roman", "SCRIPT_LOANS": "devanagari"}
    (job_dir / "job.json").write_text(json.dumps(job), encoding="utf-8")
    run(tmp_path, job_dir)
    shown, (title, language) = finished(job_dir, "hi-Latn")
    assert shown == ROMAN
    assert (title, language) == ("Hindi (Latin)", "hin")
    roman = read(job_dir, "export_transcript", "transcript.json")
    assert (roman.expected_script, roman.script_share) == ("Latn", 1.0)


def heard_job(folder: Path) -> Path:
    """Return a job whose recognition is done and says the lines."""
    film = folder / "Yaar (2026).mkv"
    spoken = [arg for n in (1, 2) for arg in ("-i", SPEECH_FIXTURES_DIR / f"en-0{n}.opus")]
    ffmpeg(
        *("-f", "lavfi", "-i", "color=navy:s=320x180:r=25:d=7", *spoken),
        *("-filter_complex", "[1][2]concat=n=2:v=0:a=1,apad=whole_dur=7,atrim=0:7[a]"),
        *("-map", 0, "-map", "[a]", "-c:v", "libx264", "-c:a", "aac", film),
    )
    run(folder, film, "-s", "hi", "--to", "asr", WHISPER_MODEL="base", SCRIPT_LOANS="latin")
    (job_file,) = (folder / "out").rglob("job.json")
    path = job_file.parent / get_stage_dir("asr") / "segments.json"
    duration = read(job_file.parent, "asr", "segments.json").audio_duration
    written = transcript(
        *(
            segment(n, start, start + 1.8, text, language="hi", words=spread(start, text))
            for n, (start, text, _) in enumerate(LINES)
        ),
        language="hi",
        audio_duration=duration,
    )
    path.write_text(written.model_dump_json(), encoding="utf-8")
    return job_file.parent


def spread(start: float, text: str) -> list[Word]:
    """Return the words of a line of 1.8 s, each as long as the others."""
    tokens = text.split()
    each = 1.8 / len(tokens)
    return [
        Word(start=start + n * each, end=start + (n + 1) * each, text=token, confidence=0.9)
        for n, token in enumerate(tokens)
    ]


def run(folder: Path, what: Path, *arguments: str, **settings: str) -> None:
    """Run the whole pipeline, or up to a stage, with settings of the job."""
    chosen = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
    done = run_pipeline(
        "subtitle", what, *arguments, *chosen, cwd=folder, output_root=folder / "out"
    )
    assert done.returncode == 0, done.stderr


def read(job_dir: Path, stage: str, name: str) -> Transcript:
    """Return a transcript that a stage wrote."""
    return Transcript.model_validate_json((job_dir / get_stage_dir(stage) / name).read_bytes())


def finished(job_dir: Path, language: str) -> tuple[str, tuple[str, str]]:
    """Return the text of the only subtitle track in the film, its title and its language."""
    folder = job_dir / get_stage_dir("mux")
    (film,) = folder.glob("*.mkv")
    (track,) = [s for s in ffprobe(film)["streams"] if s["codec_type"] == "subtitle"]
    ffmpeg("-i", film, "-map", "0:s:0", folder / "track.srt")
    shown = [event.plaintext for event in pysubs2.load(str(folder / "track.srt"))]
    (folder / "track.srt").unlink()
    written = job_dir / get_stage_dir("subtitle_generation") / f"Yaar (2026).{language}.srt"
    assert shown == [event.plaintext for event in pysubs2.load(str(written))]
    return " ".join(" ".join(shown).split()), (track["tags"]["title"], track["tags"]["language"])
