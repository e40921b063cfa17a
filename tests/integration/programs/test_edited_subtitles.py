#!/usr/bin/env python3
"""An edited subtitle file is in the film, whichever form that takes, or it stops the run."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pysubs2
import pytest

from shared.core.errors import InputError
from shared.media.probe import probe_media
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.job import load_job
from shared.pipeline.job.output_file import describe_outputs
from shared.pipeline.plan.edited_subtitles import check_edited_subtitles
from shared.stage_order import get_stage_dir
from shared.subtitles.base.cue import Cue
from shared.subtitles.base.finding import LintReport
from shared.subtitles.checking.playable import read_playable
from shared.subtitles.files.formats import Look, write_subtitles
from tests.support.checkpoints import make_checkpoint
from tests.support.media import burst, ffmpeg, sound
from tests.support.media_job import make_job, output, put, run_stage

STAGE = "subtitle_generation"
CUES = [Cue(0.2, 0.8, "One fish."), Cue(1.0, 1.8, "♪ Two fish ♪", is_lyrics=True)]
SECOND = "00:00:01,000 --> 00:00:01,800"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A grey film of 2 s with sound."""
    film = tmp_path_factory.mktemp("film") / "plain.mkv"
    picture = ["-f", "lavfi", "-i", "color=gray:s=320x180:r=24:d=2"]
    ffmpeg(*picture, *sound(burst(0.5, 1), seconds=2), "-c:v", "libx264", "-c:a", "flac", film)
    return film


def made(tmp_path: Path, film: Path, **settings: Any) -> Path:
    """Return a job whose subtitles are made, with the record of it."""
    job_dir = make_job(tmp_path, film, **settings)
    put(job_dir, "demux", "media_info.json", probe_media(film))
    put(job_dir, STAGE, "lint.json", LintReport(files={"Film.en": []}))
    folder = job_dir / get_stage_dir(STAGE)
    for suffix in (".srt", ".ass", ".vtt"):
        look = Look(language="en", italic_lyrics=True)
        write_subtitles(CUES, folder / f"Film.en{suffix}", look)
    record = make_checkpoint(STAGE, outputs=describe_outputs(folder))
    CheckpointManager(job_dir).save_record(record)
    return job_dir


def edit(job_dir: Path, suffix: str, before: str, after: str, encoding: str = "utf-8") -> None:
    """Change a subtitle file as a person does."""
    path = job_dir / get_stage_dir(STAGE) / f"Film.en{suffix}"
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding)


def track(job_dir: Path, form: str, tmp_path: Path) -> pysubs2.SSAFile:
    """Return the subtitle track of the finished film, as ffmpeg takes it out."""
    taken = tmp_path / f"taken.{form}"
    ffmpeg("-i", output(job_dir, "mux", "Film.subtitled.mkv"), "-map", "0:s:0", taken)
    return pysubs2.SSAFile.load(str(taken))


@pytest.mark.parametrize(
    ("suffix", "form", "encoding"),
    [
        (".srt", "srt", "utf-8-sig"),
        (".srt", "ass", "utf-8"),
        (".ass", "ass", "utf-16"),
        (".ass", "srt", "utf-8"),
        (".vtt", "ass", "utf-8"),
    ],
)
def test_an_edit_of_any_format_is_in_the_track(
    film: Path, tmp_path: Path, suffix: str, form: str, encoding: str
) -> None:
    job_dir = made(tmp_path, film, MUX_SUBTITLES=form)
    edit(job_dir, suffix, "One fish.", "A whale of one.", encoding)
    result = run_stage(job_dir, "mux")
    assert (result.status, result.warnings) == ("done", []), result.reason
    shown = [one.plaintext for one in track(job_dir, form, tmp_path)]
    assert shown == ["A whale of one.", "♪ Two fish ♪"]
    folder = output(job_dir, "mux", "Film.subtitled.mkv").parent
    assert [path.name for path in folder.iterdir()] == ["Film.subtitled.mkv"]


def test_what_nobody_changed_keeps_its_style(film: Path, tmp_path: Path) -> None:
    job_dir = made(tmp_path, film, MUX_SUBTITLES="ass")
    edit(job_dir, ".srt", "One fish.", "<i>Her</i> {\\an8}<font color='Cyan'>fish</font>.")
    assert run_stage(job_dir, "mux").status == "done"
    first, second = track(job_dir, "ass", tmp_path)
    assert first.text == "{\\i1}Her{\\i0} {\\an8}{\\1c&HFFFF00&}fish{\\1c}."
    assert second.style == "Lyrics"


BROKEN = {
    "an arrow of one hyphen": ("-->", "->", ":2: not a line of times"),
    "an arrow of a word processor": ("-->", "–>", ":2: not a line of times"),
    "an arrow of a web page": ("-->", "--&gt;", ":2: not a line of times"),
    "a letter in a time": (SECOND, "00:00:0l,000 --> 00:00:01,800", ":6: not a line of times"),
    "no times at all": (f"{SECOND}\n", "", ":5: text outside of every cue: 2"),
    "an end before its start": (
        SECOND,
        "00:00:01,800 --> 00:00:01,000",
        ":6: the cue ends before it begins: 00:00:01.800 to 00:00:01.000",
    ),
    "an hour too late": (
        SECOND,
        "01:00:01,000 --> 01:00:01,800",
        ":6: the cue lies after the film",
    ),
    "an end of a thousand hours": (
        SECOND,
        "00:00:01,000 --> 999:00:01,000",
        ":6: the cue lies after the film, which ends at 00:00:02.000",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_nobody_would_see_is_refused_with_its_line(tmp_path: Path, case: str) -> None:
    before, after, told = BROKEN[case]
    path = tmp_path / "Film.en.srt"
    write_subtitles(CUES, path)
    path.write_text(path.read_text("utf-8").replace(before, after), "utf-8")
    with pytest.raises(InputError) as refused:
        read_playable(path, film_end=2.0)
    assert f"{path}{told}" in refused.value.cause and refused.value.hint


LOST = {
    "a zero byte": (".srt", "One fish", "One\0fish", ":3: U+0000, which is no character"),
    "no character": (".vtt", "One fish", "One\ufffefish", ":5: U+FFFE, which is no character"),
    "a broken line of ASS": (".ass", "One fish", "One\nfish", ": text outside of every cue: fish."),
    "an unknown line of ASS": (
        ".ass",
        "Dialogue:",
        "dialog:",
        ": text outside of every cue: dialog:",
    ),
}


@pytest.mark.parametrize("case", LOST)
def test_what_the_film_would_lose_is_refused_with_its_line(tmp_path: Path, case: str) -> None:
    suffix, before, after, told = LOST[case]
    path = tmp_path / f"Film.en{suffix}"
    write_subtitles(CUES, path)
    read_playable(path, film_end=2.0)
    path.write_text(path.read_text("utf-8").replace(before, after, 1), "utf-8")
    with pytest.raises(InputError) as refused:
        read_playable(path, film_end=2.0)
    assert f"{path}:" in refused.value.cause and told in refused.value.cause
    assert refused.value.hint


def test_it_stops_the_run_before_a_film_is_written(film: Path, tmp_path: Path) -> None:
    job_dir = made(tmp_path, film, MUX_SUBTITLES="ass")
    edit(job_dir, ".srt", "-->", "->")
    result = run_stage(job_dir, "mux")
    assert (result.status, result.exit_code) == ("failed", 2)
    assert "Film.en.srt:2: not a line of times" in result.reason and result.hint
    check = partial(check_edited_subtitles, job_dir, load_job(job_dir))
    with pytest.raises(InputError, match="Film.en.srt:2: not a line of times"):
        check(["mux"])
    check([STAGE, "mux"])  # it is made anew
    check([STAGE])


def test_of_two_edited_files_one_is_taken_and_told(film: Path, tmp_path: Path) -> None:
    job_dir = made(tmp_path, film)
    edit(job_dir, ".ass", "One fish.", "Ass")
    edit(job_dir, ".srt", "One fish.", "Srt")
    result = run_stage(job_dir, "mux")
    assert result.warnings == ["Film.en.ass: edited, too; the film has what Film.en.srt says"]
    assert track(job_dir, "srt", tmp_path)[0].plaintext == "Srt"
