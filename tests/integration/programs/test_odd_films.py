#!/usr/bin/env python3
"""Tests of films as the world makes them: taken and in step, or refused with the reason."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from shared.core.errors import InputError, UnavailableError
from shared.media.intake.encryption import refuse_encrypted
from shared.media.intake.growing import refuse_growing, refuse_grown
from shared.media.intake.sample import undecodable_points
from shared.media.mux.feasible import as_it_can_be, what_changes
from shared.media.mux.plan import MuxPlan
from shared.media.probe import probe_media
from shared.media.speech_audio import SpeechAudio
from shared.media.tracks.loudness import loud_moments_db
from tests.support.containers import CASES, make_case, try_case
from tests.support.media import (
    burst,
    ffmpeg,
    ffprobe,
    frame_numbers,
    numbered_picture,
    onset,
    packet_times,
    sound,
)
from tests.support.media_job import make_job, output, run_stage
from tests.support.muxing import SRT, mux

# The others of the table: tests/performance/measure_containers.py.
TAKEN = [
    "WebM without length",
    "MPEG-TS, packets lost",
    "M2TS, Blu-ray LPCM",
    "VOB, MPEG-2 + AC-3",
    "FLV, Nellymoser",
    "RealMedia, RV20 + AC-3",
    "MP4 with an edit list",
    "MP3 without Xing",
    "AAC without container",
]
REFUSED = {
    "MP4, encrypted (CENC)": "is encrypted",
    "H.264 without container": "No audio stream in film.h264: it holds video (h264)",
}
X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "10"]


class TestContainers:
    """What is in the table of docs/CONTAINERS.md."""

    @pytest.mark.parametrize("name", TAKEN)
    def test_taken_and_in_step(self, tmp_path: Path, name: str) -> None:
        outcome = try_case(next(one for one in CASES if one.name == name), tmp_path)
        assert outcome.verdict == "taken", outcome.reason
        assert outcome.is_in_step, outcome
        if name == "MPEG-TS, packets lost":
            assert "some of its sound may be missing" in outcome.told
            assert "is copied without what is" in outcome.told
        if name == "M2TS, Blu-ray LPCM":
            assert outcome.told == "Sound stream 1 becomes flac: was pcm_bluray"

    @pytest.mark.parametrize("name", REFUSED)
    def test_refused_with_the_reason(self, tmp_path: Path, name: str) -> None:
        outcome = try_case(next(one for one in CASES if one.name == name), tmp_path)
        assert outcome.verdict == "refused" and REFUSED[name] in outcome.reason

    def test_there_are_forty(self) -> None:
        assert len({one.name for one in CASES}) == len(CASES) >= 40


class TestLength:
    """Where the container does not know it."""

    @pytest.mark.parametrize(
        ("suffix", "options"), [(".mp3", ["-write_xing", 0]), (".aac", []), (".ac3", [])]
    )
    def test_a_stream_whose_rate_changes_is_measured(
        self, tmp_path: Path, suffix: str, options: list[object]
    ) -> None:
        parts = [tmp_path / f"{number}{suffix}" for number in (1, 2)]
        ffmpeg(*sound("0", seconds=10), "-b:a", "32k", *options, parts[0])
        ffmpeg(*sound(burst(0, 3), seconds=3), "-b:a", "192k", *options, parts[1])
        joined = tmp_path / f"joined{suffix}"
        joined.write_bytes(b"".join(part.read_bytes() for part in parts))
        assert probe_media(joined).duration == pytest.approx(13.0, abs=0.2)
        result = run_stage(make_job(tmp_path, joined), "demux")
        assert (result.status, result.warnings) == ("done", [])

    def test_an_mp3_whose_header_tells_of_its_first_part_is_measured(self, tmp_path: Path) -> None:
        for number in (1, 2):
            ffmpeg(*sound(burst(0, 2), seconds=2), tmp_path / f"{number}.mp3")
        joined = tmp_path / "joined.mp3"
        joined.write_bytes(b"".join((tmp_path / f"{n}.mp3").read_bytes() for n in (1, 2)))
        assert probe_media(joined).duration == pytest.approx(4.0, abs=0.2)


class TestLateStreams:
    """Sound that begins after the moment that ffmpeg looks at by itself."""

    def test_the_sound_is_found_and_stays_late(self, tmp_path: Path) -> None:
        film = tmp_path / "late.ts"
        late = ["-itsoffset", 8, *sound(burst(0.5, 1), seconds=2)]
        ffmpeg(*numbered_picture(11), *late, *X264, "-c:a", "mp2", film)
        media = probe_media(film)
        (track,) = media.audio_streams
        beside = media.clock_streams(track.index)
        points = undecodable_points(film, track.index, 0, 11, beside, media.look_ahead)
        assert points == []  # it pauses, it is not damaged
        job_dir = make_job(tmp_path, film)
        assert run_stage(job_dir, "demux").status == "done"
        assert onset(output(job_dir, "demux", "audio.wav")) == pytest.approx(8.5, abs=0.05)


class TestSample:
    """A jump that finds nothing is no verdict."""

    @pytest.mark.parametrize("layout", ["mono", "5.1"])
    def test_a_dvd_is_decodable(self, tmp_path: Path, layout: str) -> None:
        channels = [burst(0, 6)] * (6 if layout == "5.1" else 1)
        film = tmp_path / "film.vob"
        inputs = [*numbered_picture(6), *sound(*channels, seconds=6, layout=layout)]
        ffmpeg(*inputs, "-s", "320x240", "-c:v", "mpeg2video", "-c:a", "ac3", "-f", "vob", film)
        assert undecodable_points(film, 1, 0.0, 6.0, [0]) == []


class TestPresentation:
    """A film is in Matroska as players show the original."""

    def test_an_edit_list_begins_at_the_same_frame(self, tmp_path: Path) -> None:
        inputs = [*numbered_picture(6), *sound(burst(3, 4), seconds=6)]
        ffmpeg(*inputs, *X264, "-g", 240, "-c:a", "aac", tmp_path / "long.mp4")
        ffmpeg("-ss", 1.32, "-i", tmp_path / "long.mp4", "-c", "copy", tmp_path / "cut.mp4")
        result, film = mux(tmp_path, tmp_path / "cut.mp4", {"en": SRT.format("one")})
        assert result.status == "done", result.reason
        assert "begins between two of its key frames" in result.warnings[0]
        assert frame_numbers(film) == frame_numbers(tmp_path / "cut.mp4")
        played = probe_media(tmp_path / "cut.mp4").duration
        assert probe_media(film).duration == pytest.approx(played, abs=0.1)
        assert packet_times(film, "s:0") == [0.5, 1.1]

    def test_a_picture_of_odd_size_is_cut(self, tmp_path: Path) -> None:
        picture = ["-f", "lavfi", "-i", "testsrc=s=321x181:r=25:d=2"]
        codecs = ["-c:v", "libvpx-vp9", "-cpu-used", 8, "-pix_fmt", "yuv420p", "-c:a", "libopus"]
        ffmpeg(*picture, *sound(burst(0, 2), seconds=2), *codecs, tmp_path / "odd.webm")
        result, film = mux(tmp_path, tmp_path / "odd.webm", {}, clip=(0.4, 1.6))
        assert result.status == "done", result.reason
        assert "321x181 gets a black line" in result.warnings[0]
        (made,) = (one for one in ffprobe(film)["streams"] if one["codec_type"] == "video")
        assert (made["width"], made["height"]) == (322, 182)


class TestLocked:
    """Encrypted films are called so."""

    @pytest.mark.parametrize(
        ("suffix", "codecs"),
        [
            (".ts", "-c:v mpeg2video -c:a mp2"),
            (".vob", "-c:v mpeg2video -c:a ac3 -f vob"),
            (".vob", "-c:v mpeg2video -c:a ac3 -ac 6 -f vob"),
        ],
    )
    def test_scrambled_packets(self, tmp_path: Path, suffix: str, codecs: str) -> None:
        film = tmp_path / f"film{suffix}"
        inputs = [*numbered_picture(2), *sound(burst(0, 2), seconds=2)]
        ffmpeg(*inputs, "-s", "320x240", *codecs.split(), film)
        container = probe_media(film).container
        refuse_encrypted(film, container)
        film.write_bytes(scrambled(film.read_bytes(), suffix))
        with pytest.raises(InputError, match="is encrypted"):
            refuse_encrypted(film, container)

    def test_a_recording_with_a_gap_is_not_locked_and_a_locked_one_with_a_gap_is(
        self, tmp_path: Path
    ) -> None:
        film, gap = tmp_path / "film.ts", bytes(range(1, 150))
        inputs = [*numbered_picture(2), *sound(burst(0, 2), seconds=2)]
        ffmpeg(*inputs, "-s", "320x240", "-c:v", "mpeg2video", "-c:a", "mp2", film)
        clear = film.read_bytes()
        locked = scrambled(clear, ".ts")
        film.write_bytes(clear[: 40 * 188] + gap + 60 * clear)
        refuse_encrypted(film, "mpegts")
        for content in (gap + locked, locked[: 40 * 188] + gap + locked):
            film.write_bytes(content)
            with pytest.raises(InputError, match="is encrypted"):
                refuse_encrypted(film, "mpegts")

    def test_what_looks_like_a_packet_amid_sound_is_none(self, tmp_path: Path) -> None:
        film, mark = tmp_path / "film.vob", b"\0\0\1\xbd\0\x10\xb0"
        sound_packet = b"\0\0\1\xbd" + (3 + 40 * 7).to_bytes(2, "big") + b"\x80\0\0"
        film.write_bytes((sound_packet + 40 * mark) * 500)
        refuse_encrypted(film, "mpeg")
        film.write_bytes((sound_packet[:6] + b"\xb0\0\0" + 40 * mark) * 500)
        with pytest.raises(InputError, match="is encrypted"):
            refuse_encrypted(film, "mpeg")

    def test_windows_media(self, tmp_path: Path) -> None:
        film = tmp_path / "film.wmv"
        ffmpeg(*sound(burst(0, 1), seconds=1), film)
        refuse_encrypted(film, "asf")
        lock = bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e")
        film.write_bytes(film.read_bytes()[:500] + lock + film.read_bytes()[500:])
        with pytest.raises(InputError, match="is encrypted"):
            refuse_encrypted(film, "asf")


def scrambled(content: bytes, suffix: str) -> bytes:
    """Return a film whose packets carry the mark of scrambling."""
    data = bytearray(content)
    if suffix == ".ts":
        for place in range(0, len(data), 188):
            data[place + 3] |= 0x80
        return bytes(data)
    place = data.find(b"\0\0\1")
    while place >= 0:
        if data[place + 3] in {0xBD, 0xE0} and data[place + 6] & 0xC0 == 0x80:
            data[place + 6] |= 0x10
        place = data.find(b"\0\0\1", place + 3)
    return bytes(data)


class TestGrowing:
    """A film that is still being written is no film yet."""

    def test_one_that_a_recorder_holds_open_is_refused(self, tmp_path: Path) -> None:
        film = tmp_path / "film.ts"
        ffmpeg(*numbered_picture(1), *sound("0", seconds=1), *X264, "-c:a", "mp2", film)
        refuse_growing(film)
        code = f"import time; f = open({str(film)!r}, 'ab'); print(flush=True); time.sleep(60)"
        recorder = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        try:
            assert recorder.stdout is not None and recorder.stdout.readline()
            with pytest.raises(UnavailableError, match="film.ts is still being written by python"):
                refuse_growing(film)
        finally:
            recorder.kill()
            recorder.communicate()
        refuse_growing(film)

    def test_a_reader_is_no_recorder(self, tmp_path: Path) -> None:
        film = tmp_path / "film.wav"
        film.write_bytes(bytes(100))
        with film.open("rb") as reader:
            refuse_growing(film)
            assert reader.read() == bytes(100)

    def test_one_that_grew_while_it_was_read_is_refused(self, tmp_path: Path) -> None:
        film = tmp_path / "film.ts"
        film.write_bytes(bytes(100))
        refuse_grown(film, 100)
        with pytest.raises(UnavailableError, match="90 bytes before it was read, 100 after"):
            refuse_grown(film, 90)

    def test_one_that_grew_until_it_was_muxed_is_told(self, tmp_path: Path) -> None:
        film = tmp_path / "film.ts"
        ffmpeg(*numbered_picture(2), *sound("0", seconds=2), *X264, "-c:a", "mp2", film)
        whole = film.read_bytes()
        film.write_bytes(whole[: len(whole) // 188 * 188 * 3 // 4])
        media = probe_media(film)
        film.write_bytes(whole)
        result, _ = mux(tmp_path, film, {}, media)
        assert any("another than was heard" in one for one in result.warnings)


class TestLevel:
    """Very quiet sound."""

    def test_it_is_raised_and_told(self, tmp_path: Path) -> None:
        film = tmp_path / "quiet.wav"
        ffmpeg(*sound(f"0.003*({burst(1, 3)})", seconds=4), film)
        job_dir = make_job(tmp_path, film)
        result = run_stage(job_dir, "demux")
        assert "The sound is very quiet (-58 dB)" in result.warnings[0]
        level = loud_moments_db(SpeechAudio(output(job_dir, "demux", "audio.wav")))
        assert level == pytest.approx(-26, abs=2)

    @pytest.mark.parametrize("amplitude", [0.0, 0.1, 1.0])
    def test_silence_and_usual_sound_stay_as_they_are(
        self, tmp_path: Path, amplitude: float
    ) -> None:
        film = tmp_path / "film.wav"
        ffmpeg(*sound(f"{amplitude}*({burst(1, 3)})", seconds=4), film)
        result = run_stage(make_job(tmp_path, film), "demux")
        assert (result.status, result.warnings) == ("done", [])


def test_sound_that_matroska_does_not_take_is_told_before(tmp_path: Path) -> None:
    lpcm = make_case(next(one for one in CASES if one.name == "M2TS, Blu-ray LPCM"), tmp_path)
    plan = as_it_can_be(lpcm, MuxPlan(probe_media(lpcm), []))
    assert what_changes(plan) == ["Sound stream 1 becomes flac: was pcm_bluray"]
