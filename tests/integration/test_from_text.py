#!/usr/bin/env python3
"""Whole jobs that begin with text: with a film and without, edited, and what is refused."""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.core.paths import PROJECT_ROOT, SPEECH_FIXTURES_DIR
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.job import load_job
from shared.pipeline.plan.unneeded import RECOGNITION
from shared.subtitles.files.source import read_source
from tests.support.commands import Finished, assert_refused, run_command, run_script
from tests.support.job_fixtures import clean_configuration  # noqa: F401
from tests.support.language_model import Service, language_model, marked
from tests.support.media import ffmpeg, ffprobe

pytestmark = pytest.mark.environments("common", "llm")
LINES = ["Zeile nummer1x sagt etwas7y", "Zeile nummer2x sagt etwas14y"]
SRT = f"""1
00:00:00,200 --> 00:00:01,500
- [Klopfen] {LINES[0]}
- <i>Ja.</i>

2
00:00:02,000 --> 00:00:03,500
{{\\an8}}{LINES[1]}
"""


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with language_model() as one:
        yield one


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "Film (2020).de.sdh.srt"
    path.write_text(SRT, encoding="utf-8")
    return path


@pytest.fixture
def film(tmp_path: Path, text: Path) -> Path:
    """A film of 4 s with a German text track."""
    path = tmp_path / "Other.mkv"
    picture = ["-f", "lavfi", "-i", "color=gray:s=160x90:r=24:d=4"]
    hum = ["-f", "lavfi", "-i", "sine=300:d=4", "-i", text]
    tags = ["-metadata:s:s:0", "language=ger", "-disposition:s:0", "hearing_impaired"]
    ffmpeg(*picture, *hum, "-c:v", "libx264", "-c:a", "flac", "-c:s", "srt", *tags, path)
    return path


def run(service: Service, workflow: str, *arguments: str | Path) -> Finished:
    options = {"LLM_MODEL": "marker", "LLM_BASE_URL": service.openai_url}
    options |= {"TRANSLATION_ENGINE": "llm"}
    given = [part for key, value in options.items() for part in ("--set", f"{key}={value}")]
    return run_script("run-pipeline", workflow, *arguments, *given)


def run_tool(service: Service, *arguments: str | Path) -> Finished:
    options = {"LLM_MODEL": "marker", "LLM_BASE_URL": service.openai_url}
    options |= {"TRANSLATION_ENGINE": "llm"}
    given = [part for key, value in options.items() for part in ("--set", f"{key}={value}")]
    return run_command(sys.executable, PROJECT_ROOT / "tools/subtitles.py", *arguments, *given)


def job_of(tmp_path: Path, number: int = 1) -> Path:
    (job,) = (tmp_path / "out").glob(f"*/*/*/*/{number}")
    return job


def subtitle_streams(job_dir: Path) -> list[dict[str, Any]]:
    (made,) = (job_dir / "12_mux").glob("*.mkv")
    return [one for one in ffprobe(made)["streams"] if one["codec_type"] == "subtitle"]


def languages(job_dir: Path) -> list[str]:
    return [one["tags"]["language"] for one in subtitle_streams(job_dir)]


def test_text_alone_becomes_subtitles_and_an_edit_of_it_is_noticed(
    tmp_path: Path, service: Service, text: Path
) -> None:
    done = run(service, "translate", text, "-t", "en")
    assert done.returncode == 0, done.stderr
    job_dir = job_of(tmp_path)
    made = job_dir / "11_subtitle_generation" / "Film (2020).en.sdh.srt"
    cues = read_source(made).cues
    assert [(cue.start, cue.end) for cue in cues] == [(0.2, 1.5), (2.0, 3.5)]
    first = cues[0].text.replace("\n", " ")
    assert first.startswith(f"-[{marked('Klopfen')}] {marked(LINES[0])}")
    assert "\n<i>-" in made.read_text("utf-8") and "{\\an8}" in made.read_text("utf-8")
    records = CheckpointManager(job_dir)
    for stage in (*RECOGNITION, "demux", "mux"):
        record = records.load_record(stage)
        assert record is not None and record.status == "skipped" and text.name in record.reason
    assert f"skipped: the text is there: {text.name}" in done.stdout + done.stderr

    again = run(service, "subtitle", job_dir)
    assert again.returncode == 0 and "run:" not in again.stdout + again.stderr
    text.write_text(SRT.replace("02,000", "02,250"), encoding="utf-8")
    again = run(service, "subtitle", job_dir)
    assert again.returncode == 0, again.stderr
    assert f"{text.name} changed" in again.stdout + again.stderr
    assert read_source(made).cues[1].start == 2.25


def test_the_tool_translates_a_file_into_a_new_one_of_any_format(
    tmp_path: Path, service: Service, text: Path
) -> None:
    new = tmp_path / "Film.en.vtt"
    done = run_tool(service, "translate", text, new, "-t", "en", "-s", "de")
    assert done.returncode == 0, done.stderr
    assert [(cue.start, cue.end) for cue in read_source(new).cues] == [(0.2, 1.5), (2.0, 3.5)]
    assert marked(LINES[0]) in new.read_text("utf-8").replace("\n", " ")
    assert f"{new}: written; 2 cues; job " in done.stderr
    again = run_tool(service, "translate", text, new, "-t", "en", "-s", "de")
    assert again.returncode == 2 and "Nothing is written over a file" in again.stderr


def test_what_players_would_not_show_is_left_out_and_told(tmp_path: Path, service: Service) -> None:
    text = tmp_path / "Film (2020).de.vtt"
    cues = f"00:01.000 -> 00:02.000\nfalsch\n\n00:03.000 --> 00:04.000\n{LINES[0]}\n"
    text.write_text(f"WEBVTT\n\n{cues}", encoding="utf-8")
    done = run(service, "translate", text, "-t", "en")
    assert done.returncode == 0, done.stderr
    assert f"{text.name}: 2 lines of text outside of cues left out (line 3, 4)" in done.stderr
    (made,) = (job_of(tmp_path) / "11_subtitle_generation").glob("*.en*.srt")
    assert [cue.start for cue in read_source(made).cues] == [3.0]


def test_a_film_is_muxed_with_the_text_that_is_there(
    tmp_path: Path, service: Service, text: Path, film: Path
) -> None:
    done = run(service, "subtitle", film, "--subtitles", text, "-s", "de", "-t", "en")
    assert done.returncode == 0, done.stderr
    job_dir = job_of(tmp_path)
    job = load_job(job_dir)
    assert job.text is not None and job.text.kind == "sdh" and len(job.text.sha256) == 64
    assert languages(job_dir) == ["ger", "eng", "ger"]
    assert subtitle_streams(job_dir)[1]["disposition"]["hearing_impaired"] == 1


def test_two_languages_stand_in_one_cue_of_one_more_track(
    tmp_path: Path, service: Service, text: Path, film: Path
) -> None:
    text = text.rename(text.with_name("Film.de.srt"))
    wanted = ["--set", "BILINGUAL=en+de", "--set", "BILINGUAL_STYLE=italic"]
    refused = run(
        service, "subtitle", film, "--subtitles", text, "-t", "en", "--set=BILINGUAL=en+fr"
    )
    assert_refused(
        refused, 2, "BILINGUAL=en+fr: there will be no fr subtitles", "There are: en, de"
    )
    done = run(service, "subtitle", film, "--subtitles", text, "-s", "de", "-t", "en", *wanted)
    assert done.returncode == 0, done.stderr
    job_dir = job_of(tmp_path, 2)  # the first was not begun
    both = read_source(job_dir / "11_subtitle_generation" / "Other.en+de.srt")
    assert [(cue.start, cue.end) for cue in both.cues] == [(0.2, 1.5), (2.0, 3.5)]
    above, below = both.cues[1].raw.split("\n", 1)
    assert marked(LINES[1]) in above and "<i>" in below and LINES[1] in both.cues[1].text
    tracks = subtitle_streams(job_dir)
    assert [one["tags"]["title"] for one in tracks[1:]] == [
        "English",
        "English + Deutsch",
        "Deutsch",
    ]
    assert tracks[2]["tags"]["language"] == "eng" and not tracks[2]["disposition"]["default"]


@pytest.fixture
def spoken(tmp_path: Path) -> tuple[Path, Path]:
    """A film in which five lines are said with pauses, and its subtitles, 2.5 s late."""
    said = ((1.0, "01"), (6.5, "02"), (10.0, "03"), (19.0, "05"), (24.5, "06"))
    given = [part for _, name in said for part in ("-i", SPEECH_FIXTURES_DIR / f"en-{name}.opus")]
    graph = [f"[{n}:a]adelay={int(at * 1000)}[s{n}]" for n, (at, _) in enumerate(said)]
    mixed = "".join(f"[s{n}]" for n in range(len(said))) + f"amix={len(said)}:normalize=0[out]"
    film, text = tmp_path / "Spoken.mkv", tmp_path / "Spoken.late.en.srt"
    lines = [
        f"{n}\n00:00:{at + 2.5:06.3f} --> 00:00:{at + 4.5:06.3f}" for n, (at, _) in enumerate(said)
    ]
    cues = "\n\n".join(f"{line}\n{LINES[0]} {n}" for n, line in enumerate(lines))
    text.write_text(cues.replace(".", ",") + "\n", encoding="utf-8")
    picture = ["-f", "lavfi", "-i", "color=gray:s=160x90:r=24:d=30", "-i", text]
    graph_text = ";".join([*graph, mixed])
    maps = ["-map", f"{len(said)}:v", "-map", "[out]", "-map", f"{len(said) + 1}:s"]
    tags = ["-metadata:s:s:0", "language=eng", "-c:a", "flac", "-c:v", "libx264", "-c:s", "srt"]
    ffmpeg(*given, *picture, "-filter_complex", graph_text, *maps, *tags, film)
    return film, text


@pytest.mark.environments("pyannote")
def test_late_text_is_brought_to_where_somebody_speaks_and_that_is_told(
    tmp_path: Path, service: Service, spoken: tuple[Path, Path]
) -> None:
    film, text = spoken
    alone = run(service, "subtitle", film, "-s", "en", "--sync")
    assert_refused(alone, 2, "--sync brings --subtitles to the sound", "sync FILE OUT --to-sound")
    done = run(service, "subtitle", film, "--subtitles", "track:1", "--sync")
    assert done.returncode == 0, done.stderr
    assert "track 1 (subrip): brought to the sound by -2." in done.stderr
    job_dir = job_of(tmp_path)
    (made,) = (job_dir / "11_subtitle_generation").glob("*.en.srt")
    brought = [cue.start for cue in read_source(made).cues]
    assert brought == pytest.approx([1.0, 6.5, 10.0, 19.0, 24.5], abs=0.35)
    # A track that was moved says something else than the film's own: both are in it.
    assert languages(job_dir) == ["eng", "eng"]

    tool = (sys.executable, PROJECT_ROOT / "tools/subtitles.py", "sync")
    new = tmp_path / "Spoken.en.srt"
    synced = run_command(*tool, text, new, "--to-sound", film)
    assert synced.returncode == 0, synced.stderr
    assert f"{text}: -2." in synced.stderr and "1.00000 times as long" in synced.stderr
    assert [cue.start for cue in read_source(new).cues] == pytest.approx(brought, abs=0.05)
    short = text.with_name("Short.en.srt")
    short.write_text("1\n00:00:03,000 --> 00:00:04,000\nYes.\n", encoding="utf-8")
    unsure = run(service, "subtitle", film, "--subtitles", short, "--sync")
    assert unsure.returncode == 2 and "Without --sync its times stay" in unsure.stderr


def test_a_track_of_the_film_is_a_source_and_the_plan_says_so(
    tmp_path: Path, service: Service, film: Path
) -> None:
    planned = run(service, "subtitle", film, "-s", "de", "-t", "en", "--dry-run")
    assert "--subtitles track:1, ger, subrip begins with it" in planned.stdout + planned.stderr
    done = run(service, "subtitle", film, "--subtitles", "track:1", "-t", "en")
    assert done.returncode == 0, done.stderr
    made = job_of(tmp_path) / "11_subtitle_generation" / "Other.en.sdh.srt"
    starts = [cue.start for cue in read_source(made).cues]
    assert starts == pytest.approx([0.2, 2.0], abs=0.03)
    # What the film has already is not added once more; what a person made of it is.
    assert languages(job_of(tmp_path)) == ["ger", "eng"]
    own = made.with_name("Other.de.sdh.srt")
    own.write_text(own.read_text("utf-8").replace("Klopfen", "Pochen"), encoding="utf-8")
    assert run(service, "subtitle", job_of(tmp_path)).returncode == 0
    assert languages(job_of(tmp_path)) == ["ger", "eng", "ger"]
    planned = run(service, "subtitle", film, "--subtitles", "track:1", "-t", "en", "--dry-run")
    assert "begins with it" not in planned.stdout + planned.stderr


def test_pictures_and_what_is_no_text_are_refused_with_what_would_read_them(
    tmp_path: Path, service: Service, film: Path, text: Path
) -> None:
    sup, broken = tmp_path / "a.sup", tmp_path / "broken.srt"
    sup.write_bytes(pgs())
    broken.write_text("no subtitle\n", encoding="utf-8")
    pictures = tmp_path / "Pictures.mkv"
    ffmpeg("-i", film, "-i", sup, "-map", "0:v", "-map", "0:a", "-map", 1, "-c", "copy", pictures)
    options = ("-s", "de", "-t", "en")
    asked = [
        (pictures, "track:1", "Subtitle track 1 of Pictures.mkv is pictures (PGS)", "OCR"),
        (film, str(sup), "a.sup holds pictures (PGS)", "OCR"),
        (film, "track:3", "No subtitle track 3", "1: ger, subrip"),
        (film, str(broken), "broken.srt", ""),
        (film, str(tmp_path / "none.srt"), "No such file", ""),
        (film, str(film), "not a subtitle file", ".srt"),
    ]
    for media, source, cause, hint in asked:
        refused = run(service, "subtitle", media, "--subtitles", source, *options)
        assert_refused(refused, 2, cause, hint)
    unnamed = text.rename(tmp_path / "unnamed.srt")
    assert_refused(run(service, "translate", unnamed, "-t", "en"), 2, "Nobody says", "-s fr")
    assert not (tmp_path / "out").exists()


def pgs() -> bytes:
    """Return a disc's picture subtitles, two of them empty."""

    def part(kind: int, content: bytes, time: int) -> bytes:
        return b"PG" + struct.pack(">IIBH", time, 0, kind, len(content)) + content

    shown = struct.pack(">HHBHBBBB", 640, 360, 0x10, 0, 0x80, 0, 0, 0)
    return b"".join(
        part(kind, content, time)
        for time in (90_000, 180_000)
        for kind, content in ((0x16, shown), (0x80, b""))
    )
