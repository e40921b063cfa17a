#!/usr/bin/env python3
"""Tests of how the dialogue of a film is found: by listening to its tracks and channels."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

from shared.core.errors import InputError, UnavailableError
from shared.core.paths import SPEECH_FIXTURES_DIR
from shared.environment_manager import EnvironmentManager
from shared.media.speech_audio import SpeechAudio
from shared.media.tracks.listening import find_speech, seconds_of
from shared.pipeline.job.job import Job
from shared.pipeline.prepare.prepare import prepare_job
from shared.pipeline.prepare.request import Request
from tests.support.media import ffmpeg, sound
from tests.support.media_job import output, run_stage

pytestmark = pytest.mark.environments("pyannote", "whisperx")

ENGLISH, GERMAN = SPEECH_FIXTURES_DIR / "en-01.opus", SPEECH_FIXTURES_DIR / "de-06.opus"
SPEECH = ["-i", ENGLISH]
# As music is for a detector of speech: notes that change.
MUSIC = sound("0.3*sin(2*PI*t*(220+110*mod(floor(3*t)\\,4)))", seconds=5)
NOTHING = ["-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono:d=5"]


@pytest.fixture(autouse=True)
def own_jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the jobs of these tests out of the project."""
    monkeypatch.setenv("CP_OUTPUT_ROOT", str(tmp_path / "out"))


def prepared(film: Path, **wanted: Any) -> tuple[Path, Job]:
    """Prepare a job; return its folder and what was prepared."""
    usual: dict[str, Any] = {"workflow": "transcribe", "source": "en", "user": "tester"}
    made = prepare_job(Request(media=film, **usual | wanted))
    return made.job_dir, made.job


def speech_in(job_dir: Path) -> float:
    """Return the seconds of speech in what demux takes out of a job's film."""
    assert run_stage(job_dir, "demux").status == "done"
    python = EnvironmentManager().python("pyannote")
    heard = find_speech([SpeechAudio(output(job_dir, "demux", "audio.wav"))[:]], python)
    assert heard is not None
    return seconds_of(heard[0])


@pytest.mark.parametrize(
    ("pan", "channels", "reason"),
    [
        ("stereo|c0=c0|c1=-1*c0", "difference", "opposite phase"),
        ("stereo|c1=c0", "right", "the left channel is silent"),
        ("stereo|c0=c0", "left", "the right channel is silent"),
        ("5.1|BL=c0|BR=c0", "mix", "nobody speaks in the centre"),
        ("5.1|FC=c0", None, ""),
        ("stereo|c0=c0|c1=0.8*c0", None, ""),
    ],
)
def test_speech_is_found_in_whatever_channel(
    tmp_path: Path, pan: str, channels: str | None, reason: str
) -> None:
    film = tmp_path / "film.flac"
    ffmpeg(*SPEECH, "-af", f"aformat=channel_layouts=mono,pan={pan}", film)
    job_dir, job = prepared(film)
    assert job.resolved.get("AUDIO_CHANNELS") == channels
    assert reason in job.media.channel_choice
    assert speech_in(job_dir) > 1.5


class TestTwoLanguages:
    """English in the left channel, German in the right one."""

    @pytest.fixture
    def film(self, tmp_path: Path) -> Path:
        """A film of one track."""
        mono = "aresample=48000,aformat=channel_layouts=mono"
        joined = f"[0]{mono}[a];[1]{mono}[b];[a][b]join=inputs=2:channel_layout=stereo"
        ffmpeg(*SPEECH, "-i", GERMAN, "-filter_complex", joined, tmp_path / "film.wav")
        return tmp_path / "film.wav"

    def test_that_there_are_two_is_told(self, film: Path) -> None:
        _, job = prepared(film)
        assert job.resolved["AUDIO_CHANNELS"] == "left"
        assert "AUDIO_CHANNELS=right takes the other" in job.media.channel_choice

    @pytest.mark.parametrize("side", ["left", "right"])
    def test_the_one_that_is_asked_for_is_taken(
        self, film: Path, tmp_path: Path, side: str
    ) -> None:
        job_dir, job = prepared(film, settings={"AUDIO_CHANNELS": side})
        assert "AUDIO_CHANNELS" not in job.resolved and job.config["AUDIO_CHANNELS"] == side
        assert run_stage(job_dir, "demux").status == "done"
        alone = tmp_path / "alone.wav"
        only = f"pan=mono|c0=c{int(side == 'right')},aresample=16000"
        ffmpeg("-i", film, "-af", only, alone)
        heard = SpeechAudio(output(job_dir, "demux", "audio.wav"))[:]
        assert abs(heard - SpeechAudio(alone)[: len(heard)]).max() < 0.01

    def test_channels_that_are_not_there_are_refused(self, film: Path, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="AUDIO_CHANNELS=centre, but the sound is"):
            prepared(film, settings={"AUDIO_CHANNELS": "centre"})
        ffmpeg("-i", film, "-ac", 1, tmp_path / "mono.wav")
        with pytest.raises(InputError, match="AUDIO_CHANNELS=left, but the sound is"):
            prepared(tmp_path / "mono.wav", settings={"AUDIO_CHANNELS": "left"})


@pytest.mark.parametrize("first", [MUSIC, NOTHING], ids=["music", "nothing"])
def test_a_first_track_in_which_nobody_speaks_is_passed_over(
    tmp_path: Path, first: list[str]
) -> None:
    film = tmp_path / "film.mkv"
    ffmpeg(*first, *SPEECH, "-map", 0, "-map", 1, "-metadata:s:a:0", "language=eng", film)
    job_dir, job = prepared(film)
    assert job.media.audio_stream.index == 1
    assert job.media.audio_choice == "somebody speaks in it, and nobody in track 1"
    assert [one.track for one in job.media.heard] == [1, 2]
    assert speech_in(job_dir) > 1.5
    _, asked = prepared(film, audio_track=1)
    assert asked.media.audio_stream.index == 0


@pytest.mark.parametrize(
    "marks",
    [
        ["-disposition:a:0", "default+visual_impaired", "-disposition:a:1", "0"],
        ["-metadata:s:a:0", "title=Kommentar des Regisseurs"],
        ["-metadata:s:a:0", "title=Commentaire du réalisateur"],
        ["-metadata:s:a:0", "title=निर्देशक की टिप्पणी"],
        ["-metadata:s:a:0", "title=English Audio Description"],
        ["-metadata:s:a:0", "title=Hörfilmfassung"],
        ["-metadata:s:a:0", "title=Isolated Score"],
    ],
)
def test_what_is_no_dialogue_by_its_marks_is_passed_over(tmp_path: Path, marks: list[str]) -> None:
    film = tmp_path / "film.mkv"
    ffmpeg(*SPEECH, *SPEECH, "-map", 0, "-map", 1, *marks, film)
    _, job = prepared(film)
    assert job.media.audio_stream.index == 1
    assert "of dialogue: track 1 is" in job.media.audio_choice


def test_speech_at_42_db_less_is_found(tmp_path: Path) -> None:
    film = tmp_path / "film.wav"
    ffmpeg(*SPEECH, "-af", "volume=-42dB", film)
    job_dir, _ = prepared(film)
    assert speech_in(job_dir) > 1.5


def test_a_full_disk_for_temporary_files_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    options = ["-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(["mount", *options], capture_output=True).returncode:
        pytest.skip("a disk can be mounted by root only")
    monkeypatch.setattr(tempfile, "tempdir", str(disk))
    ffmpeg(*SPEECH, "-af", "pan=5.1|BL=c0|BR=c0", tmp_path / "film.flac")
    try:
        with pytest.raises(UnavailableError, match=f"Cannot write to {disk}/.*No space left"):
            prepared(tmp_path / "film.flac")
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
