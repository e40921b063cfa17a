#!/usr/bin/env python3
"""Tests of shared/media/probe.py: content decides, never the name."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from shared.core.errors import InputError
from shared.media.probe import (
    probe_media,
)
from tests.support.media import burst, ffmpeg, film_with_bursts, numbered_picture, sound

ODD_NAMES = [
    "http:x.mp4",
    "pipe:1",
    "a:b.mp4",
    "-x.mp4",
    "line\nfeed.mkv",
    'it\'s "quoted" $(ls) `ls`.mkv',
    "🎬 फ़िल्म.mkv",
    "%03d.mkv",
    "concat:a|b.mkv",
    "x" * 200,
]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of one second at 24000/1001 frames a second."""
    return film_with_bursts(tmp_path_factory.mktemp("film") / "film.mkv", 1.001, rate="24000/1001")


class TestProbe:
    """What is read from a file."""

    def test_a_film_is_described(self, film: Path) -> None:
        media = probe_media(film)
        assert "matroska" in media.container
        assert media.duration == pytest.approx(1.0, abs=0.05)
        assert media.frame_rate == "24000/1001"
        assert media.size == film.stat().st_size
        assert [(s.kind, s.codec) for s in media.streams] == [("video", "h264"), ("audio", "flac")]
        assert media.audio_streams[0].channels == 1
        assert media.audio_streams[0].sample_rate == 48_000

    @pytest.mark.parametrize("name", ["film.txt", "film", "film.jpg"])
    def test_the_suffix_says_nothing(self, film: Path, tmp_path: Path, name: str) -> None:
        shutil.copy(film, tmp_path / name)
        assert "matroska" in probe_media(tmp_path / name).container

    @pytest.mark.parametrize("name", ODD_NAMES)
    def test_any_name_is_a_file(
        self, film: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shutil.copy(film, tmp_path / name)
        monkeypatch.chdir(tmp_path)
        assert len(probe_media(Path(name)).streams) == 2

    def test_tags_dispositions_covers_and_chapters(self, tmp_path: Path) -> None:
        facts = tmp_path / "facts"
        chapter = "[CHAPTER]\nTIMEBASE=1/1000\nSTART={}\nEND={}\n"
        facts.write_text(";FFMETADATA1\n" + chapter.format(0, 400) + chapter.format(400, 900))
        ffmpeg(*numbered_picture(0.1), "-frames:v", 1, tmp_path / "cover.jpg")
        inputs: list[object] = [
            *numbered_picture(1),
            *sound("0", seconds=1),
            *sound("0", seconds=1),
        ]
        inputs += ["-i", tmp_path / "cover.jpg", "-i", facts, "-map_metadata", 4]
        maps = ["-map", 0, "-map", 1, "-map", 2, "-map", 3]
        tags = ["-metadata:s:a:0", "language=hin", "-metadata:s:a:1", "language=eng"]
        tags += ["-disposition:a:0", "0", "-disposition:a:1", "default+comment"]
        tags += ["-disposition:v:1", "attached_pic", "-c:v:1", "mjpeg"]
        ffmpeg(*inputs, *maps, *tags, tmp_path / "film.mp4")
        media = probe_media(tmp_path / "film.mp4")
        assert media.chapters == 2
        assert [s.is_cover for s in media.streams] == [False, False, False, True]
        assert len(media.video_streams) == 1
        assert media.frame_rate == "25"
        hindi, english = media.audio_streams
        assert (hindi.language, hindi.is_default, hindi.is_commentary) == ("hin", False, False)
        assert (english.language, english.is_default, english.is_commentary) == ("eng", True, True)

    def test_sound_alone_has_no_frame_rate(self, tmp_path: Path) -> None:
        ffmpeg(*sound(burst(0, 1), seconds=1), tmp_path / "song.wav")
        media = probe_media(tmp_path / "song.wav")
        assert media.frame_rate is None
        assert media.video_streams == []

    def test_a_matroska_that_starts_late_is_as_long_as_it_plays(
        self, film: Path, tmp_path: Path
    ) -> None:
        ffmpeg("-i", film, "-c", "copy", "-output_ts_offset", 100, tmp_path / "late.mkv")
        media = probe_media(tmp_path / "late.mkv")
        assert media.start_time == pytest.approx(100.0, abs=0.05)
        assert media.duration == pytest.approx(1.0, abs=0.1)


class TestRefusals:
    """What is no film is refused in one line with a hint."""

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "empty (0 bytes)"),
            (b"Just some words.\n" * 50, "not a media file"),
            (b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{film}\n#EXT-X-ENDLIST\n", "media"),
            (b"ffconcat version 1.0\nfile '{film}'\n", "not a media file"),
            (b"\x89PNG\r\n\x1a\n" + bytes(100), "not a media file"),
            (b"1\n00:00:01,000 --> 00:00:02,000\nHello\n\n", "not a media file"),
        ],
        ids=["empty", "text", "hls", "concat", "picture", "subtitles"],
    )
    def test_not_a_film(self, film: Path, tmp_path: Path, content: bytes, said: str) -> None:
        path = tmp_path / "film.mp4"
        path.write_bytes(content.replace(b"{film}", os.fsencode(film)))
        with pytest.raises(InputError, match="film.mp4") as caught:
            probe_media(path)
        assert said in caught.value.cause
        assert caught.value.hint
        assert "\n" not in caught.value.cause

    def test_missing_directory_and_pipe(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.mkv")
        for path, said in [
            (tmp_path / "gone.mkv", "No such file"),
            (tmp_path, "is a directory"),
            (tmp_path / "pipe.mkv", "not a regular file"),
        ]:
            with pytest.raises(InputError, match=said) as caught:
                probe_media(path)
            assert caught.value.hint

    def test_a_cut_off_mp4_without_its_index(self, tmp_path: Path) -> None:
        whole = film_with_bursts(tmp_path / "whole.mp4", 2)
        (tmp_path / "cut.mp4").write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
        with pytest.raises(InputError, match="moov atom not found"):
            probe_media(tmp_path / "cut.mp4")


@pytest.mark.parametrize(
    ("filters", "turned", "shown"),
    [("setsar=1", False, (320, 180)), ("setsar=16/11", False, (465, 180))]
    + [("setsar=1", True, (180, 320)), ("setsar=0", False, (320, 180))],
)
def test_the_size_of_the_picture_is_that_which_is_shown(
    tmp_path: Path, filters: str, turned: bool, shown: tuple[int, int]
) -> None:
    film = tmp_path / "film.mp4"
    picture = ["-f", "lavfi", "-i", f"color=gray:s=320x180:r=8:d=0.5,{filters}"]
    ffmpeg(*picture, "-c:v", "mpeg4", film)
    if turned:
        ffmpeg("-i", film, "-c", "copy", "-metadata:s:v", "rotate=90", tmp_path / "turned.mp4")
        film = tmp_path / "turned.mp4"
    assert probe_media(film).picture_size == shown
