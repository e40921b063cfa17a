#!/usr/bin/env python3
"""Tests of shared/media/audio.py: sound on the film's own clock."""

from __future__ import annotations

import tracemalloc
import wave
from pathlib import Path

import numpy
import pytest
from numpy.typing import NDArray

from shared.core.errors import DependencyError, InputError
from shared.media.audio import (
    FULL_FORMAT,
    SPEECH_FORMAT,
    SPEECH_RATE,
    SoundOutput,
    extract_audio,
    goes_on_after,
)
from shared.media.clip import ClipRange
from shared.media.probe import probe_media
from shared.media.speech_audio import SpeechAudio, wav_duration
from tests.support.media import (
    burst,
    ffmpeg,
    ffprobe,
    film_with_bursts,
    numbered_picture,
    onset,
    samples,
    sound,
)

CLOCK = 0.02


def speech_of(film: Path, clip: ClipRange | None = None) -> Path:
    """Return the speech track of a film's first sound."""
    target = film.with_suffix(".speech.wav")
    stream = probe_media(film).audio_streams[0].index
    beside = probe_media(film).clock_streams(stream)
    files = [SoundOutput(target, SPEECH_FORMAT, SPEECH_RATE)]
    extract_audio(film, stream, clip, files, 30, beside=beside)
    return target


@pytest.mark.parametrize("suffix", [".mkv", ".mp4", ".ts"])
class TestClock:
    """The sound starts one second after the picture; in .ts the film starts at 1.4 s."""

    def test_late_sound_stays_late(self, tmp_path: Path, suffix: str) -> None:
        film = film_with_bursts(tmp_path / f"film{suffix}", 3, (0.5, 1.0), late=1.0)
        assert onset(speech_of(film)) == pytest.approx(1.5, abs=CLOCK)
        assert wav_duration(speech_of(film)) == pytest.approx(3.0, abs=CLOCK)

    def test_a_clip_is_exact(self, tmp_path: Path, suffix: str) -> None:
        film = film_with_bursts(tmp_path / f"film{suffix}", 3, (0.5, 1.0), late=1.0)
        speech = speech_of(film, ClipRange(start=1.2, end=2.2))
        assert onset(speech) == pytest.approx(0.3, abs=CLOCK)
        assert len(samples(speech)) == pytest.approx(SPEECH_RATE, abs=16)


@pytest.mark.parametrize("codec", ["pcm_s16le", "flac"])
def test_sound_in_avi_is_where_it_was_put(tmp_path: Path, codec: str) -> None:
    """AVI knows no time stamps: the sound begins with the film."""
    film = film_with_bursts(tmp_path / "film.avi", 3, (0.5, 1.0), options=["-c:a", codec])
    assert onset(speech_of(film)) == pytest.approx(0.5, abs=0.002)


def test_a_transport_stream_joined_with_cat_is_heard_to_its_end(tmp_path: Path) -> None:
    part = film_with_bursts(tmp_path / "part.ts", 1, (0.5, 0.8)).read_bytes()
    (tmp_path / "both.ts").write_bytes(part + part)
    heard = numpy.abs(samples(speech_of(tmp_path / "both.ts"))) > 0.1
    assert heard[: int(1.0 * SPEECH_RATE)].any()
    assert heard[int(1.3 * SPEECH_RATE) :].any()


def test_a_hole_in_the_sound_is_filled_with_silence(tmp_path: Path) -> None:
    film = film_with_bursts(tmp_path / "film.mkv", 3, (2.5, 2.8))
    drop = "aselect='lt(t,1)+gt(t,2)'"
    ffmpeg("-i", film, "-map", "0:a", "-af", drop, "-c:a", "flac", tmp_path / "hole.mkv")
    speech = speech_of(tmp_path / "hole.mkv")
    assert onset(speech) == pytest.approx(2.5, abs=0.05)
    assert wav_duration(speech) == pytest.approx(3.0, abs=0.05)


def test_all_channels_are_kept_when_they_are_wanted(tmp_path: Path) -> None:
    tones = [burst(0, 1, 300 + 100 * n) for n in range(6)]
    source = sound(*tones, seconds=1, layout="5.1", rate=44_100)
    ffmpeg(*source, "-c:a", "flac", tmp_path / "film.mkv")
    files = [SoundOutput(tmp_path / "full.flac", FULL_FORMAT)]
    extract_audio(tmp_path / "film.mkv", 0, None, files, 30)
    stream = ffprobe(tmp_path / "full.flac")["streams"][0]
    assert (stream["channels"], stream["sample_rate"]) == (6, "44100")
    assert stream["channel_layout"] == "5.1"


@pytest.mark.parametrize("suffix", [".mkv", ".ts"])
def test_speech_and_all_channels_are_those_of_one_by_one(tmp_path: Path, suffix: str) -> None:
    film = film_with_bursts(tmp_path / f"film{suffix}", 3, (0.5, 1.0), late=1.0)
    stream = probe_media(film).audio_streams[0].index
    beside = probe_media(film).clock_streams(stream)
    clip = ClipRange(start=1.2, end=2.7)

    def forms(folder: Path) -> list[SoundOutput]:
        folder.mkdir()
        speech = SoundOutput(folder / "a.wav", SPEECH_FORMAT, SPEECH_RATE)
        return [speech, SoundOutput(folder / "a.flac", FULL_FORMAT)]

    together, alone = forms(tmp_path / "together"), forms(tmp_path / "alone")
    extract_audio(film, stream, clip, together, 30, beside=beside)
    for one in alone:
        extract_audio(film, stream, clip, [one], 30, beside=beside)
    for one, other in zip(together, alone, strict=True):
        assert one.target.read_bytes() == other.target.read_bytes()
    assert onset(together[0].target) == pytest.approx(0.3, abs=CLOCK)


def test_nothing_of_the_film_but_sound_gets_into_the_file(tmp_path: Path) -> None:
    film = film_with_bursts(tmp_path / "film.mkv", 1, options=["-metadata", "title=Secret"])
    answer = ffprobe(speech_of(film))
    assert [s["codec_name"] for s in answer["streams"]] == ["pcm_s16le"]
    assert "Secret" not in str(answer)


def test_a_stream_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    film = film_with_bursts(tmp_path / "film.mkv", 1)
    with pytest.raises(DependencyError, match="matches no streams"):
        extract_audio(film, 9, None, [SoundOutput(tmp_path / "a.wav", SPEECH_FORMAT)], 30)


def written(path: Path, values: NDArray[numpy.int16]) -> Path:
    """Write 16 kHz mono samples."""
    with wave.open(str(path), "wb") as stream:
        stream.setparams((1, 2, SPEECH_RATE, 0, "NONE", ""))
        stream.writeframes(values.astype("<i2").tobytes())
    return path


def test_samples_are_read_as_they_are(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", numpy.array([0, 16_384, -32_768, 32_767], numpy.int16))
    read = SpeechAudio(path)[:]
    assert read.dtype == numpy.float32
    assert read.tolist() == pytest.approx([0.0, 0.5, -1.0, 0.99997], abs=1e-5)
    assert wav_duration(path) == 4 / SPEECH_RATE


def test_pieces_are_those_of_the_whole(tmp_path: Path) -> None:
    values = numpy.random.default_rng(3).integers(-32_768, 32_767, 5_000, numpy.int16)
    audio = SpeechAudio(written(tmp_path / "a.wav", values))
    whole = values / numpy.float32(32_768.0)
    assert len(audio) == 5_000 and (numpy.asarray(audio) == whole).all()
    for first, last in [(0, 1), (7, 4_999), (4_990, 6_000), (5_000, 9_000), (9, 3), (-50, -7)]:
        assert audio[first:last].tolist() == whole[first:last].tolist()
    assert SpeechAudio(written(tmp_path / "b.wav", values[:0]))[0:100].tolist() == []


def test_sound_that_ends_too_early_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", numpy.ones(5_000, numpy.int16))
    path.write_bytes(path.read_bytes()[:3_000])
    with pytest.raises(InputError, match="ends before its declared length"):
        SpeechAudio(path)[1_000:2_000]


def test_two_hours_are_heard_in_the_memory_of_a_piece(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with wave.open(str(path), "wb") as stream:
        stream.setparams((1, 2, SPEECH_RATE, 0, "NONE", ""))
        for _ in range(120):
            stream.writeframes(bytes(2 * 60 * SPEECH_RATE))
    audio = SpeechAudio(path)
    tracemalloc.start()
    try:
        quiet = sum(
            not audio[first : first + 30 * SPEECH_RATE].any()
            for first in range(0, len(audio), 30 * SPEECH_RATE)
        )
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert quiet == 240 and peak < 8_000_000


@pytest.mark.parametrize(
    ("rate", "channels", "width"), [(8000, 1, 2), (16000, 2, 2), (16000, 1, 1)]
)
def test_other_forms_are_refused(tmp_path: Path, rate: int, channels: int, width: int) -> None:
    path = tmp_path / "01_demux" / "a.wav"
    path.parent.mkdir()
    with wave.open(str(path), "wb") as stream:
        stream.setparams((channels, width, rate, 0, "NONE", ""))
        stream.writeframes(bytes(64))
    with pytest.raises(InputError, match="not 16 kHz mono 16-bit") as caught:
        SpeechAudio(path)[:]
    assert caught.value.hint == "Make it again with --force demux"


@pytest.mark.parametrize("content", [b"", b"RIFF", b"not sound at all" * 10])
def test_what_is_no_wav_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    for read in (wav_duration, SpeechAudio):
        with pytest.raises(InputError, match="not a WAV file"):
            read(tmp_path / "a.wav")


def test_whether_a_film_goes_on(tmp_path: Path) -> None:
    """With one key frame only, wherever the film's time stamps begin."""
    film, late = tmp_path / "film.mkv", tmp_path / "late.mkv"
    picture = [*numbered_picture(8), "-c:v", "libx264", "-preset", "ultrafast", "-g", 999]
    ffmpeg(*picture, film)
    ffmpeg("-i", film, "-c", "copy", "-output_ts_offset", 50, late)
    (tmp_path / "cut.mkv").write_bytes(late.read_bytes()[: late.stat().st_size // 2])
    assert goes_on_after(film, (5, 8))
    assert not goes_on_after(film, (9, 12))
    assert goes_on_after(late, (5, 8), origin=50)
    assert not goes_on_after(tmp_path / "cut.mkv", (5, 8), origin=50)
    assert not goes_on_after(tmp_path / "gone.mkv", (5, 8))
