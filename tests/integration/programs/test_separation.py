#!/usr/bin/env python3
"""Tests of shared/media/separation.py, and scripts/source_separation.py as a real stage."""

from __future__ import annotations

import json
from pathlib import Path

import numpy
import pytest

from shared.core.errors import InputError
from shared.media.audio import FULL_FORMAT, SPEECH_FORMAT, SPEECH_RATE, SoundOutput, extract_audio
from shared.media.centre import centre_channel
from shared.media.probe import AudioStream, probe_media
from shared.media.separation import choose_separation, has_centre
from tests.support.media import burst, ffmpeg, samples, silence, sound
from tests.support.media_job import make_job, output, run_stage


def stream(channels: int, layout: str | None = None) -> AudioStream:
    """Return an audio stream of this layout."""
    return AudioStream(
        index=1,
        kind="audio",
        codec="ac3",
        channels=channels,
        channel_layout=layout,
        sample_rate=48_000,
    )


@pytest.mark.parametrize(
    ("channels", "layout", "centre"),
    [
        (1, "mono", False),
        (2, "stereo", False),
        (2, None, False),
        (3, "3.0", True),
        (3, "2.1", False),
        (4, "quad", False),
        (5, "5.0(side)", True),
        (6, "5.1", True),
        (6, "5.1(side)", True),
        (6, None, True),
        (7, "6.1", True),
        (8, "7.1", True),
        (8, None, True),
    ],
)
def test_which_sound_has_a_centre(channels: int, layout: str | None, centre: bool) -> None:
    assert has_centre(stream(channels, layout)) is centre


@pytest.mark.parametrize(
    ("setting", "channels", "layout", "method", "needs_all"),
    [
        ("auto", 6, "5.1", "center", True),
        ("auto", 2, "stereo", "off", False),
        ("center", 8, "7.1", "center", True),
        ("demucs", 2, "stereo", "demucs", True),
        ("off", 6, "5.1", "off", False),
    ],
)
def test_the_choice_and_its_reason(
    setting: str, channels: int, layout: str, method: str, needs_all: bool
) -> None:
    choice = choose_separation(setting, stream(channels, layout))
    assert (choice.method, choice.needs_all_channels) == (method, needs_all)
    assert setting in choice.reason if setting in {"off", "demucs"} else layout in choice.reason


def test_a_centre_that_is_not_there_cannot_be_asked_for() -> None:
    with pytest.raises(InputError, match="the sound is stereo") as caught:
        choose_separation("center", stream(2, "stereo"))
    assert "auto" in caught.value.hint


def channel_tones(folder: Path, layout: str, codec: str, channels: int) -> Path:
    """Write a sound in which every channel has a tone of its own, 100 Hz apart from 300 Hz."""
    tones = [burst(0, 1, 300 + 100 * number) for number in range(channels)]
    ffmpeg(*sound(*tones, seconds=1, layout=layout), "-c:a", codec, folder / "film.mka")
    return folder / "film.mka"


def centre_of(target: Path) -> SoundOutput:
    """Return the centre as sound for speech."""
    return SoundOutput(target, SPEECH_FORMAT, SPEECH_RATE, centre_channel)


def assert_only_the_centre_is_heard(path: Path, channels: int) -> None:
    """Check that the third channel's 500 Hz, at its own level, is all that a file holds."""
    vocals = samples(path)
    spectrum = numpy.abs(numpy.fft.rfft(vocals[:16_000]))  # one bin a hertz
    others = [300 + 100 * number for number in range(channels) if number != 2]
    assert spectrum[others].max() < spectrum[500] / 30
    assert numpy.abs(vocals).max() == pytest.approx(0.6, abs=0.05)


@pytest.mark.parametrize(
    ("layout", "codec", "channels"),
    [
        ("3.0", "ac3", 3),
        ("4.0", "ac3", 4),
        ("5.0", "flac", 5),
        ("5.1(side)", "ac3", 6),
        ("6.1", "flac", 7),
        ("7.1", "flac", 8),
    ],
)
def test_every_layout_keeps_its_centre_on_the_way(
    tmp_path: Path, layout: str, codec: str, channels: int
) -> None:
    """As demux keeps all channels, and source_separation takes one of them."""
    film, full = channel_tones(tmp_path, layout, codec, channels), tmp_path / "full.flac"
    assert choose_separation("auto", probe_media(film).audio_streams[0]).method == "center"
    extract_audio(film, 0, None, [SoundOutput(full, FULL_FORMAT)], 30)
    target = tmp_path / "vocals.wav"
    extract_audio(full, 0, None, [centre_of(target)], 30)
    assert_only_the_centre_is_heard(target, channels)


def test_a_song_that_the_centre_leaves_out_is_heard(tmp_path: Path) -> None:
    song, line = burst(0, 6, 300), burst(1, 3, 500)
    channels = (song, song, line, "0", "0", "0")
    film, target = tmp_path / "film.mka", tmp_path / "vocals.wav"
    ffmpeg(*sound(*channels, seconds=6, layout="5.1"), "-c:a", "flac", film)
    extract_audio(film, 0, None, [centre_of(target)], 30)
    heard = samples(target)
    assert heard.size == 6 * SPEECH_RATE
    for second, frequency, other in ((1, 500, 300), (2, 500, 300), (5, 300, 500)):
        part = heard[second * SPEECH_RATE : (second + 1) * SPEECH_RATE]
        spectrum = numpy.abs(numpy.fft.rfft(part))
        assert spectrum[frequency] > 30 * spectrum[other]


def test_the_stage_takes_the_centre(tmp_path: Path) -> None:
    job_dir = make_job(tmp_path, channel_tones(tmp_path, "5.1", "flac", 6))
    assert run_stage(job_dir, "demux").status == "done"
    result = run_stage(job_dir, "source_separation")
    assert (result.status, result.summary) == ("done", {"method": "center"})
    assert_only_the_centre_is_heard(output(job_dir, "source_separation", "vocals.wav"), 6)
    record = json.loads(output(job_dir, "source_separation", "separation.json").read_text())
    assert record["method"] == "center"
    assert "centre" in record["reason"]


def test_switched_off_it_is_skipped_with_its_reason(tmp_path: Path) -> None:
    job_dir = make_job(tmp_path, silence(tmp_path / "film.wav"), SOURCE_SEPARATION="off")
    result = run_stage(job_dir, "source_separation")
    assert (result.status, result.reason) == ("skipped", "switched off (SOURCE_SEPARATION=off)")
    assert not output(job_dir, "source_separation", "vocals.wav").exists()


def test_without_its_input_it_fails_and_leaves_nothing(tmp_path: Path) -> None:
    source = sound(*[burst(0, 1)] * 6, seconds=1, layout="5.1")
    ffmpeg(*source, "-c:a", "flac", tmp_path / "film.mkv")
    result = run_stage(make_job(tmp_path, tmp_path / "film.mkv"), "source_separation")
    assert (result.status, result.exit_code) == ("failed", 4)
    assert "No such file" in result.reason
    assert not output(tmp_path / "job", "source_separation", "").exists()


@pytest.mark.parametrize(("channels", "called"), [(1, "mono"), (2, "stereo"), (7, "7-channel")])
def test_sound_whose_layout_is_not_said_is_called_by_its_channels(
    channels: int, called: str
) -> None:
    reason = choose_separation("auto", stream(channels)).reason
    assert reason.startswith(f"{called} sound has no centre channel to take")
