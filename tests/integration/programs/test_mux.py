#!/usr/bin/env python3
"""Tests of shared/media/mux, and scripts/mux.py as a real stage: what ffprobe sees is judged."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy
import pytest
from pysubs2 import SSAFile

from shared.core.errors import DependencyError
from shared.media.clip import ClipRange
from shared.media.mux.check import check_film
from shared.media.mux.film import mux_film
from shared.media.mux.plan import MuxPlan, SubtitleTrack
from shared.media.probe import probe_media
from shared.subtitles.base.finding import LintReport
from shared.subtitles.files.fonts import font_file
from tests.support.media import (
    burst,
    decoded,
    ffmpeg,
    ffprobe,
    film_with_bursts,
    frame_numbers,
    numbered_picture,
    packet_times,
    sound,
)
from tests.support.media_job import make_job, output, put, run_stage
from tests.support.muxing import SRT, mux
from tests.support.programs import slow_ffmpeg

FACTS = """;FFMETADATA1
title=Mein Film
[CHAPTER]
TIMEBASE=1/1000
START=0
END=1000
title=eins
[CHAPTER]
TIMEBASE=1/1000
START=1000
END=2000
title=zwei
"""
WORST_NAMES = ["http:a:b|%03d -x\n'\"$(ls) 🎬.mp4", "y" * 196 + ".ts"]
FONT = b"\x00\x01\x00\x00" + bytes(200)


def cut(film: Path, start: float, end: float, folder: Path) -> Path:
    """Return a clip of a film with one subtitle track, made without a stage around it."""
    (folder / "en.srt").write_text(SRT)
    target, clip = folder / "clip.mkv", ClipRange(start=start, end=end)
    track = SubtitleTrack(folder / "en.srt", "en", is_default=True)
    mux_film(film, MuxPlan(probe_media(film), [track], clip), target, 30)
    return target


def streams(film: Path, kind: str) -> list[dict[str, Any]]:
    """Return the streams of one kind as ffprobe tells them."""
    return [s for s in ffprobe(film)["streams"] if s["codec_type"] == kind]


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of 2.002 s: two sounds, two subtitles, a font, a cover, chapters, a title."""
    folder = tmp_path_factory.mktemp("rich")
    (folder / "own.srt").write_text(SRT.format("own"))
    (folder / "facts").write_text(FACTS)
    (folder / "font.ttf").write_bytes(FONT)
    ffmpeg(*numbered_picture(0.1), "-frames:v", 1, folder / "cover.jpg")
    inputs: list[object] = [
        *numbered_picture(2.002, "24000/1001"),
        *sound(burst(0.5, 1), seconds=2.002),
    ]
    inputs += [
        *sound(burst(1, 1.5), seconds=2.002),
        "-i",
        folder / "own.srt",
        "-i",
        folder / "own.srt",
    ]
    inputs += ["-i", folder / "facts", "-map_metadata", 5]
    maps = [arg for number in range(5) for arg in ("-map", number)]
    codecs: list[object] = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", 10, "-c:a", "flac"]
    codecs += ["-c:s:0", "srt", "-c:s:1", "ass"]
    tags: list[object] = ["-metadata:s:a:0", "language=hin", "-metadata:s:a:1", "language=eng"]
    tags += ["-metadata:s:a:1", "title=Dub", "-metadata:s:s:0", "language=fre"]
    tags += ["-disposition:a:0", "default", "-disposition:s:0", "default+forced"]
    tags += ["-attach", folder / "font.ttf", "-metadata:s:t:0", "mimetype=font/ttf"]
    tags += ["-attach", folder / "cover.jpg", "-metadata:s:t:1", "mimetype=image/jpeg"]
    ffmpeg(*inputs, *maps, *codecs, *tags, folder / "rich.mkv")
    return folder / "rich.mkv"


@pytest.fixture(scope="module")
def finished(rich: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rich film with three subtitle tracks of ours."""
    tracks = {"en": SRT.format("one"), "de": SRT.format("eins"), "hi": SRT.format("एक")}
    folder = tmp_path_factory.mktemp("finished")
    result, film = mux(folder, rich, tracks, targets=("de", "hi"))
    assert (result.status, result.warnings) == ("done", [])
    assert result.summary["tracks"] == 3
    assert [path.name for path in film.parent.iterdir()] == ["Film.subtitled.mkv"]
    return film


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A grey film of 2 s with sound."""
    film = tmp_path_factory.mktemp("plain") / "plain.mkv"
    picture = ["-f", "lavfi", "-i", "color=gray:s=320x180:r=24:d=2"]
    ffmpeg(*picture, *sound(burst(0.5, 1), seconds=2), "-c:v", "libx264", "-c:a", "flac", film)
    return film


class TestChoices:
    """What settings make of the film."""

    TRACKS = {name: SRT.format(name) for name in ("hi", "en", "en.sdh", "en.forced")}

    def test_tracks_say_what_they_are_for(self, plain: Path, tmp_path: Path) -> None:
        _, film = mux(tmp_path, plain, self.TRACKS, source="hi", targets=("en",))
        found = [
            (s["tags"]["title"], [name for name, on in s["disposition"].items() if on])
            for s in streams(film, "subtitle")
        ]
        assert found == [
            ("English", ["default"]),
            ("हिन्दी", []),
            ("English (SDH)", ["hearing_impaired"]),
            ("English (forced)", ["forced"]),
        ]

    @pytest.mark.parametrize(("wanted", "on"), [("none", []), ("en.sdh", [2])])
    def test_the_track_that_is_switched_on(
        self, plain: Path, tmp_path: Path, wanted: str, on: list[int]
    ) -> None:
        settings = {"targets": ("en",), "DEFAULT_SUBTITLE": wanted}
        _, film = mux(tmp_path, plain, self.TRACKS, **settings)
        flags = [s["disposition"]["default"] for s in streams(film, "subtitle")]
        assert [number for number, flag in enumerate(flags) if flag] == on

    @pytest.mark.parametrize("key", ["DEFAULT_SUBTITLE", "BURN_IN"])
    def test_a_track_that_is_not_there_is_refused(
        self, plain: Path, tmp_path: Path, key: str
    ) -> None:
        result, _ = mux(tmp_path, plain, {"en": SRT}, **{key: "fr"})
        assert result.exit_code == 2 and f"{key}=fr" in result.reason

    def test_mp4_holds_text_and_makes_the_sound_fit(self, rich: Path, tmp_path: Path) -> None:
        settings = {"OUTPUT_CONTAINER": "mp4", "MUX_SUBTITLES": "ass"}
        result, film = mux(tmp_path, rich, {"de": SRT.format("drei")}, targets=("de",), **settings)
        assert result.status == "done", result.reason
        assert [s["codec_name"] for s in streams(film, "subtitle")] == ["mov_text"] * 3
        assert streams(film, "subtitle")[-1]["tags"]["language"] == "deu"
        assert [s["codec_name"] for s in streams(film, "audio")] == ["flac", "flac"]
        assert streams(film, "audio")[1]["tags"]["handler_name"] == "Dub"
        assert len(ffprobe(film)["chapters"]) == 2
        assert "Left out: attachment stream" in result.warnings[0]

    def test_mp4_makes_sound_anew_only_where_it_must(self, plain: Path, tmp_path: Path) -> None:
        ffmpeg(
            "-i",
            plain,
            "-c:v",
            "copy",
            "-ac",
            2,
            "-c:a",
            "vorbis",
            "-strict",
            -2,
            tmp_path / "v.mkv",
        )
        result, film = mux(tmp_path, tmp_path / "v.mkv", {}, OUTPUT_CONTAINER="mp4")
        assert [s["codec_name"] for s in streams(film, "audio")] == ["aac"]
        assert "becomes aac: was vorbis" in result.warnings[0]

    def test_mp4_refuses_a_picture_that_it_cannot_hold(self, plain: Path, tmp_path: Path) -> None:
        ffmpeg("-i", plain, "-c:v", "ffv1", "-c:a", "copy", tmp_path / "f.mkv")
        result, _ = mux(tmp_path, tmp_path / "f.mkv", {}, OUTPUT_CONTAINER="mp4")
        assert result.exit_code == 2 and "MP4 does not hold ffv1" in result.reason

    def test_mp4_gets_any_picture_that_is_encoded_anyway(self, plain: Path, tmp_path: Path) -> None:
        ffmpeg("-i", plain, "-c:v", "ffv1", "-c:a", "copy", tmp_path / "f.mkv")
        wanted = {"OUTPUT_CONTAINER": "mp4", "BURN_IN": "en"}
        result, film = mux(tmp_path, tmp_path / "f.mkv", {"en": SRT.format("one")}, **wanted)
        assert (result.status, result.warnings) == ("done", [])
        assert [s["codec_name"] for s in streams(film, "video")] == ["h264"]

    @pytest.mark.parametrize("container", ["mkv", "mp4"])
    def test_a_turned_picture_stays_upright(
        self, plain: Path, tmp_path: Path, container: str
    ) -> None:
        film = tmp_path / "phone.mp4"
        ffmpeg("-i", plain, "-c:v", "copy", "-c:a", "aac", film.with_suffix(".flat.mp4"))
        ffmpeg(
            *("-i", film.with_suffix(".flat.mp4"), "-c", "copy"),
            *"-metadata:s:v rotate=90".split(),
            film,
        )
        result, made = mux(tmp_path, film, {"en": SRT.format("one")}, OUTPUT_CONTAINER=container)
        assert result.status == "done", result.reason
        shown = made.with_suffix(".png")
        ffmpeg("-i", made, "-frames:v", 1, shown)
        (picture,) = ffprobe(shown)["streams"]
        assert (picture["width"], picture["height"]) == (180, 320)
        assert container == "mkv" or result.warnings == []

    def test_styled_tracks_bring_their_font(self, plain: Path, tmp_path: Path) -> None:
        result, film = mux(tmp_path, plain, {"hi": SRT.format("एक")}, MUX_SUBTITLES="ass")
        assert result.status == "done", result.reason
        assert [s["codec_name"] for s in streams(film, "subtitle")] == ["ass"]
        (font,) = streams(film, "attachment")
        assert font["tags"]["filename"].startswith("NotoSansDevanagari")
        assert font["tags"]["mimetype"] == "font/ttf"

    @pytest.mark.parametrize("folder", ["plain", "it's [a]:b,c;d\\e %"])
    def test_subtitles_drawn_into_the_picture(
        self, plain: Path, tmp_path: Path, folder: str
    ) -> None:
        (tmp_path / folder).mkdir()
        tracks = {"hi": SRT.format("नमस्ते दुनिया"), "en": SRT.format("Hello")}
        result, film = mux(tmp_path / folder, plain, tracks, targets=("en",), BURN_IN="hi")
        assert result.status == "done", result.reason
        assert [s["tags"]["title"] for s in streams(film, "subtitle")] == ["English"]
        before, shown = (decoded_picture(film, second) for second in (0.2, 0.7))
        assert before.std() < 1 and shown[120:].max() > 200  # white letters in the lower third

    def test_letters_of_devanagari_are_joined(self, plain: Path, tmp_path: Path) -> None:
        widths = []
        for number, text in enumerate(("क" * 8, "क्ष" * 8)):
            (tmp_path / str(number)).mkdir()
            tracks = {"hi": SRT.format(text)}
            _, film = mux(tmp_path / str(number), plain, tracks, BURN_IN="hi")
            columns = numpy.flatnonzero(decoded_picture(film, 0.7).max(0) > 180)
            widths.append(columns[-1] - columns[0])
        # One sign for the two letters: side by side, with the sign that joins them, they are wider.
        assert widths[1] < 1.4 * widths[0]


def decoded_picture(film: Path, second: float) -> numpy.ndarray:
    """Return the grey values of one frame, shape (180, 320)."""
    raw = film.with_suffix(".gray")
    ffmpeg(
        "-ss", second, "-i", f"file:{film}", *"-frames:v 1 -f rawvideo -pix_fmt gray".split(), raw
    )
    return numpy.fromfile(raw, numpy.uint8).reshape(180, 320)


def test_every_font_file_shows_its_script() -> None:
    for language in ("hi", "en", "ta", "te", "ar", "th", "ru", "bn", "ur"):
        font = font_file(language)
        assert font is not None and font.stat().st_size > 50_000, language
    assert font_file("ja") is None


class TestWholeFilm:
    """Every stream of the original is there, untouched, and ours are added."""

    def test_pictures_and_sounds_are_copied(self, rich: Path, finished: Path) -> None:
        assert frame_numbers(finished) == frame_numbers(rich) == list(range(48))
        for stream in (1, 2):
            assert numpy.array_equal(decoded(finished, stream), decoded(rich, stream))
        codecs = [s["codec_name"] for s in ffprobe(finished)["streams"][:3]]
        assert codecs == ["h264", "flac", "flac"]

    def test_tags_of_the_original_stay(self, finished: Path) -> None:
        hindi, english = streams(finished, "audio")
        assert (hindi["tags"]["language"], hindi["disposition"]["default"]) == ("hin", 1)
        assert (english["tags"]["language"], english["tags"]["title"]) == ("eng", "Dub")
        answer = ffprobe(finished)
        assert answer["format"]["tags"]["title"] == "Mein Film"
        assert [c["tags"]["title"] for c in answer["chapters"]] == ["eins", "zwei"]

    def test_our_tracks_are_named_and_ordered(self, finished: Path) -> None:
        ours = streams(finished, "subtitle")[2:]
        named = [(s["tags"]["language"], s["tags"]["title"]) for s in ours]
        assert named == [("ger", "Deutsch"), ("hin", "हिन्दी"), ("eng", "English")]
        assert [s["codec_name"] for s in ours] == ["subrip"] * 3

    def test_only_our_first_track_is_switched_on(self, finished: Path) -> None:
        shown = [s["disposition"]["default"] for s in streams(finished, "subtitle")]
        assert shown == [0, 0, 1, 0, 0]
        own = streams(finished, "subtitle")[0]
        assert (own["tags"]["language"], own["disposition"]["forced"]) == ("fre", 1)

    def test_times_and_text_arrive_as_written(self, finished: Path, tmp_path: Path) -> None:
        for track in range(5):
            assert packet_times(finished, f"s:{track}") == [0.5, 1.1]
        ffmpeg("-i", finished, "-map", "0:s:3", tmp_path / "out.srt")
        assert "एक" in (tmp_path / "out.srt").read_text(encoding="utf-8")

    def test_font_and_cover_stay_attached(self, finished: Path, tmp_path: Path) -> None:
        font = streams(finished, "attachment")[0]
        assert (font["tags"]["filename"], font["tags"]["mimetype"]) == ("font.ttf", "font/ttf")
        covers = [s for s in streams(finished, "video") if s["disposition"]["attached_pic"]]
        assert [c["codec_name"] for c in covers] == ["mjpeg"]
        assert len(streams(finished, "video")) == 2
        ffmpeg("-dump_attachment:t:0", tmp_path / "font", "-i", finished, "-f", "null", "-")
        assert (tmp_path / "font").read_bytes() == FONT


def test_a_track_for_deaf_viewers_is_tagged_as_such(tmp_path: Path) -> None:
    film = film_with_bursts(tmp_path / "film.mkv", seconds=2)
    tracks = {"en": SRT.format("one"), "en.sdh": SRT.format("[door]")}
    result, made = mux(tmp_path, film, tracks, targets=("en",))
    assert (result.status, result.summary["tracks"]) == ("done", 2)
    plain, deaf = streams(made, "subtitle")
    assert (deaf["tags"]["language"], deaf["tags"]["title"]) == ("eng", "English (SDH)")
    flags = [
        (s["disposition"]["default"], s["disposition"]["hearing_impaired"]) for s in (plain, deaf)
    ]
    assert flags == [(1, 0), (0, 1)]


def test_an_mp4_gives_all_that_matroska_can_hold(tmp_path: Path) -> None:
    """Its text subtitles become SubRip; its time code cannot be kept; our empty track is none."""
    (tmp_path / "own.srt").write_text(SRT.format("own words"))
    ffmpeg(*numbered_picture(0.1), "-frames:v", 1, tmp_path / "cover.png")
    inputs: list[object] = [*numbered_picture(2), *sound(burst(0.5, 1), seconds=2)]
    inputs += ["-i", tmp_path / "own.srt", "-i", tmp_path / "cover.png"]
    maps = [arg for number in range(4) for arg in ("-map", number)]
    codecs = ["-c:v:0", "libx264", "-c:a", "aac", "-c:s", "mov_text", "-c:v:1", "copy"]
    codecs += ["-disposition:v:1", "attached_pic", "-metadata:s:s:0", "language=fre"]
    ffmpeg(*inputs, *maps, *codecs, "-timecode", "01:00:00:00", tmp_path / "film.mp4")
    kinds = [stream.kind for stream in probe_media(tmp_path / "film.mp4").streams]
    assert {"audio", "data", "subtitle", "video"} == set(kinds)
    tracks = {"en": SRT.format("ours"), "de": ""}
    result, film = mux(tmp_path, tmp_path / "film.mp4", tracks, targets=("de",))
    assert result.status == "done"
    empty, *left_out = result.warnings
    assert empty == "No de subtitle track: there is nothing to show"
    assert len(left_out) == kinds.count("data")
    assert all(warning.startswith("Left out: data stream ") for warning in left_out)
    subtitles = streams(film, "subtitle")
    assert [s["codec_name"] for s in subtitles] == ["subrip", "subrip"]
    assert [s["tags"]["language"] for s in subtitles] == ["fre", "eng"]
    assert [s["disposition"]["default"] for s in subtitles] == [0, 1]
    ffmpeg("-i", film, "-map", "0:s:0", tmp_path / "out.srt")
    assert "own words" in (tmp_path / "out.srt").read_text()
    covers = [s for s in streams(film, "video") if s["disposition"]["attached_pic"]]
    assert [c["tags"]["mimetype"] for c in covers] == ["image/png"]
    assert streams(film, "data") == []


@pytest.mark.parametrize("name", WORST_NAMES)
def test_any_name_works_end_to_end(tmp_path: Path, name: str) -> None:
    source = film_with_bursts(tmp_path / f"film{Path(name).suffix}", 2, (0.5, 1.0))
    result, film = mux(tmp_path, source.rename(tmp_path / name), {"en": SRT})
    assert (result.status, result.warnings) == ("done", [])
    kinds = [s["codec_type"] for s in ffprobe(film)["streams"]]
    assert kinds == ["video", "audio", "subtitle"]
    shift = packet_times(film, "s:0")[0] - packet_times(film, "v:0")[0]
    assert shift == pytest.approx(0.5, abs=0.03)


class TestClip:
    """A clip is exact to the frame, and its sound and subtitles start with it."""

    @pytest.mark.parametrize(("first", "after"), [(0, 5), (5, 29), (13, 15), (24, 48)])
    def test_exactly_these_frames(self, rich: Path, tmp_path: Path, first: int, after: int) -> None:
        start, end = (float(n * Fraction(1001, 24_000)) for n in (first, after))
        film = cut(rich, start, end, tmp_path)
        assert frame_numbers(film) == list(range(first, after))
        assert packet_times(film, "v:0")[0] == 0.0
        assert len(decoded(film, 1)) == pytest.approx((end - start) * 16_000, abs=16)
        assert packet_times(film, "s:0") == [0.5, 1.1]

    def test_streams_of_a_clip(self, rich: Path, tmp_path: Path) -> None:
        result, film = mux(tmp_path, rich, {"en": SRT}, clip=(0.25025, 1.25125))
        assert frame_numbers(film) == list(range(6, 30))
        assert [w.split(" (")[0] for w in result.warnings] == [
            "Left out: subtitle stream 3",
            "Left out: subtitle stream 4",
        ]
        sounds = [numpy.flatnonzero(numpy.abs(decoded(film, n)) > 0.1)[0] / 16_000 for n in (1, 2)]
        assert sounds == pytest.approx([0.25, 0.75], abs=0.005)
        assert [s["tags"]["language"] for s in streams(film, "audio")] == ["hin", "eng"]
        assert ffprobe(film)["format"]["tags"]["title"] == "Mein Film"
        assert sum(s["disposition"]["attached_pic"] for s in streams(film, "video")) == 1

    def test_a_transport_stream_is_cut_where_it_is_asked(self, tmp_path: Path) -> None:
        """Its only key frame is the first one, its clock starts at 1.4 s, its sound is late."""
        source = film_with_bursts(tmp_path / "film.ts", 3, (0.5, 1.0), late=1.0)
        film = cut(source, 1.2, 2.2, tmp_path)
        assert frame_numbers(film) == [number % 50 for number in range(30, 55)]
        heard = numpy.flatnonzero(numpy.abs(decoded(film, 1)) > 0.1)[0] / 16_000
        assert heard == pytest.approx(0.3, abs=0.02)


class TestCheck:
    """The finished film is judged by what is in it."""

    def test_a_shorter_film_is_noticed(self, tmp_path: Path) -> None:
        film = film_with_bursts(tmp_path / "film.mkv", 1)
        with pytest.raises(DependencyError, match="is 1.0 s long instead of 9.0 s") as caught:
            check_film(film, MuxPlan(probe_media(film), []), 9.0)
        assert "disk" in caught.value.hint

    def test_missing_streams_are_noticed(self, rich: Path, tmp_path: Path) -> None:
        film = film_with_bursts(tmp_path / "film.mkv", 2)
        with pytest.raises(DependencyError, match="1 audio of 2"):
            check_film(film, MuxPlan(probe_media(rich), []), 2.0)
        plan = MuxPlan(probe_media(film), [])
        track = SubtitleTrack(tmp_path / "en.srt", "en", is_default=True)
        with pytest.raises(DependencyError, match="lacks streams: 0 subtitles of 1$"):
            check_film(film, replace(plan, tracks=[track]), 2.0)
        assert check_film(film, plan, 2.0).duration == pytest.approx(2, abs=0.05)


def test_an_edited_track_in_another_encoding_is_refused(tmp_path: Path) -> None:
    source = film_with_bursts(tmp_path / "film.mkv", 1)
    job_dir = make_job(tmp_path, source)
    put(job_dir, "demux", "media_info.json", probe_media(source))
    put(job_dir, "subtitle_generation", "lint.json", LintReport(files={"Film.de": []}))
    track = output(job_dir, "subtitle_generation", "Film.de.srt")
    track.write_bytes(SRT.format("für dich").encode("latin-1"))
    result = run_stage(job_dir, "mux")
    assert (result.status, result.exit_code) == ("failed", 2)
    assert "Film.de.srt: not a UTF-8 text file" in result.reason
    assert "--force subtitle_generation" in result.hint


def test_without_earlier_results_it_fails_with_what_to_do(tmp_path: Path) -> None:
    source = film_with_bursts(tmp_path / "film.mkv", 1)
    job_dir = make_job(tmp_path, source)
    result = run_stage(job_dir, "mux")
    assert (result.status, result.exit_code) == ("failed", 2)
    assert "media_info.json" in result.reason
    assert result.hint.startswith("./run-pipeline.sh subtitle ")


@pytest.mark.parametrize("wanted", [{}, {"OUTPUT_CONTAINER": "mp4"}, {"BURN_IN": "en"}])
def test_the_same_film_and_subtitles_make_the_same_file(
    rich: Path, tmp_path: Path, wanted: dict[str, str]
) -> None:
    tracks = {"en": SRT.format("one"), "hi": SRT.format("एक")}
    films = [mux(tmp_path / one, rich, tracks, targets=("hi",), **wanted)[1] for one in "ab"]
    assert films[0].read_bytes() == films[1].read_bytes()


def noisy(path: Path) -> Path:
    """Make a transport stream whose sound is noise in places: no muxer takes the pieces."""
    picture, sounding = numbered_picture(6.0), sound(burst(1, 5), seconds=6.0)
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-streamid", "1:257"]
    ffmpeg(*picture, *sounding, *codecs, path)
    data, dice, seen = bytearray(path.read_bytes()), random.Random(0), 0
    for at in range(len(data) * 2 // 5 // 188 * 188, len(data) - 188, 188):
        is_sound = (data[at + 1] & 0x1F) << 8 | data[at + 2] == 257
        if is_sound and not data[at + 1] & 0x40 and data[at + 3] & 0x30 == 0x10:
            seen += 1
            data[at + 4 : at + 188] = (
                dice.randbytes(184) if seen % 3 == 0 else data[at + 4 : at + 188]
            )
    path.write_bytes(data)
    return path


def test_a_stream_too_damaged_to_be_copied_is_encoded(tmp_path: Path) -> None:
    film = noisy(tmp_path / "film.ts")
    result, made = mux(tmp_path, film, {"en": SRT.format("one")})
    assert (result.status, len(result.warnings)) == ("done", 2), result.reason
    copied, encoded = result.warnings
    assert copied.startswith("The film is damaged and is copied without what is: ffmpeg failed")
    assert encoded.startswith("The film cannot be copied and is encoded anew: ffmpeg failed")
    assert [one["codec_name"] for one in streams(made, "video")] == ["h264"]
    assert [one["codec_name"] for one in streams(made, "audio")] == ["flac"]
    assert len(frame_numbers(made)) >= 145
    assert [cue.text for cue in SSAFile.load(str(extracted(made, tmp_path)))] == ["one", "zwei"]
    # What is left of the sound is where it was.
    heard = decoded(made, 1)
    assert abs(numpy.flatnonzero(abs(heard) > 0.05)[0] / 16_000 - 1.0) < 0.04


def extracted(film: Path, folder: Path) -> Path:
    """Return the first subtitle track of a film as a file."""
    ffmpeg("-i", film, "-map", "0:s:0", folder / "extracted.srt")
    return folder / "extracted.srt"


def test_a_machine_that_is_too_slow_is_no_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = film_with_bursts(tmp_path / "film.mkv", 1)
    slow_ffmpeg(tmp_path, monkeypatch, "Film.subtitled")
    result, _ = mux(tmp_path, film, {"en": SRT.format("one")}, FFMPEG_TIMEOUT_SECONDS="1")
    assert (result.status, result.exit_code, result.warnings) == ("failed", 4, [])
    assert result.reason == "ffmpeg took longer than 1 s"
    assert result.hint == "Raise FFMPEG_TIMEOUT_SECONDS"
