#!/usr/bin/env python3
"""Tests of shared/media/tracks/choice.py."""

from __future__ import annotations

from typing import Any

import pytest

from shared.core.errors import InputError
from shared.media.probe import AudioStream, MediaInfo, MediaStream
from shared.media.tracks.choice import choose_audio_stream, describe_audio, same_language


def audio(index: int, language: str | None = None, **fields: Any) -> AudioStream:
    """Return an audio stream."""
    usual: dict[str, Any] = {"kind": "audio", "codec": "aac", "channels": 2, "sample_rate": 48_000}
    return AudioStream(index=index, language=language, **{**usual, **fields})


def holding(*streams: MediaStream) -> MediaInfo:
    """Return a film of these streams."""
    return MediaInfo(container="matroska", duration=60.0, size=1, streams=list(streams))


class TestChoice:
    """Which of eight audio streams is taken, and why."""

    FILM = holding(
        MediaStream(index=0, kind="video", codec="h264"),
        audio(1, "eng", is_commentary=True, is_default=True),
        audio(2, "tam"),
        audio(3, "hin", title="Stereo"),
        audio(4, "hin", title="5.1", is_default=True, channels=6),
        audio(5, "eng"),
        audio(6, None),
        audio(7, "und"),
        audio(8, "ger"),
    )

    @pytest.mark.parametrize(
        ("language", "wanted", "index", "why"),
        [
            ("hi", None, 4, "its language is hi"),
            ("ta", None, 2, "its language is ta"),
            ("en", None, 5, "its language is en"),
            ("de", None, 8, "its language is de"),
            ("fr", None, 4, "the default track of dialogue: track 1 is commentary"),
            ("auto", None, 4, "the default track of dialogue: track 1 is commentary"),
            ("hi", 1, 1, "asked for"),
            ("hi", 8, 8, "asked for"),
        ],
    )
    def test_wanted_then_language_then_default(
        self, language: str, wanted: int | None, index: int, why: str
    ) -> None:
        stream, said = choose_audio_stream(self.FILM, language, wanted)
        assert (stream.index, said) == (index, why)

    def test_commentary_only_when_there_is_nothing_else(self) -> None:
        comment = audio(0, "eng", is_commentary=True, is_default=True)
        assert choose_audio_stream(holding(comment, audio(1, "fre")), "en", None)[0].index == 1
        assert choose_audio_stream(holding(comment), "en", None)[0].index == 0

    def test_without_any_mark_the_first(self) -> None:
        chosen = choose_audio_stream(holding(audio(3), audio(5)), "hi", None)
        assert (chosen[0].index, chosen[1]) == (3, "the first track")
        assert choose_audio_stream(holding(audio(3)), "hi", None)[1] == "the only track"

    @pytest.mark.parametrize("wanted", [0, 9, -1])
    def test_a_track_that_is_not_there_lists_those_that_are(self, wanted: int) -> None:
        with pytest.raises(InputError, match=f"No audio track {wanted} in film.mkv") as caught:
            choose_audio_stream(self.FILM, "hi", wanted, "film.mkv")
        assert "It has 8: 1: eng, aac, 2 ch; 2: tam" in caught.value.hint
        assert "4: hin, aac, 6 ch, 5.1" in caught.value.hint

    def test_no_audio_says_what_there_is(self) -> None:
        silent = holding(MediaStream(index=0, kind="video", codec="h264"))
        with pytest.raises(InputError, match=r"No audio stream in a.mkv: it holds video \(h264\)"):
            choose_audio_stream(silent, "hi", None, "a.mkv")

    def test_tracks_are_numbered_as_the_option_counts(self) -> None:
        assert describe_audio([audio(4, "hin"), audio(7)]).startswith("1: hin")
        assert "2: no language" in describe_audio([audio(4, "hin"), audio(7)])

    @pytest.mark.parametrize(
        ("tag", "language", "same"),
        [
            ("hin", "hi", True),
            ("ger", "de", True),
            ("deu", "de", True),
            ("pt-BR", "pt", True),
            ("eng", "hi", False),
            ("und", "und", False),
            (None, "hi", False),
            ("hin", "auto", False),
            ("not a tag!", "hi", False),
        ],
    )
    def test_codes_of_one_language(self, tag: str | None, language: str, same: bool) -> None:
        assert same_language(tag, language) is same
