#!/usr/bin/env python3
"""Tests of shared/subtitles/base/profiles.py and counting.py against the style guides' numbers."""

from __future__ import annotations

import pytest

from shared.core.settings import PipelineConfig
from shared.subtitles.base.counting import count_characters, count_words, display_length
from shared.subtitles.base.profiles import Audience, limits_for, limits_from_config


@pytest.mark.parametrize(
    ("language", "adult", "child", "sdh", "sdh_child"),
    [
        ("en", 20, 17, 20, 17),
        ("en-GB", 20, 17, 20, 17),
        ("hi", 22, 18, 25, 20),
        ("hi-Latn", 22, 18, 25, 20),
        ("ta", 22, 18, 25, 20),
        ("de", 17, 13, 20, 17),
        ("und", 17, 13, 20, 17),
    ],
)
def test_reading_speeds_of_netflix(
    language: str, adult: int, child: int, sdh: int, sdh_child: int
) -> None:
    def speed(audience: Audience, is_sdh: bool) -> float:
        return limits_for(language, audience=audience, is_sdh=is_sdh).reading_speed

    assert (speed("adult", False), speed("child", False)) == (adult, child)
    assert (speed("adult", True), speed("child", True)) == (sdh, sdh_child)


@pytest.mark.parametrize(
    ("frame_rate", "gap", "half_second"),
    [
        (None, 2 / 24, 0.5),
        ("24000/1001", 2002 / 24_000, 12 * 1001 / 24_000),
        ("25", 0.08, 0.48),
        ("30", 2 / 30, 0.5),
        ("60", 2 / 60, 0.5),
    ],
)
def test_frames_become_seconds(frame_rate: str | None, gap: float, half_second: float) -> None:
    limits = limits_for("en", frame_rate=frame_rate)
    assert limits.min_gap == pytest.approx(gap)
    assert limits.closed_gap == pytest.approx(half_second)
    assert limits.shot_clear == pytest.approx(half_second, abs=limits.frame * 0.51)
    assert limits.shot_near == pytest.approx(7 / 24, abs=limits.frame * 0.51)


def test_netflix_by_default() -> None:
    limits = limits_for("hi")
    assert (limits.max_line_length, limits.max_lines) == (42, 2)
    assert (limits.min_duration, limits.max_duration) == (pytest.approx(20 / 24), 7.0)
    assert (limits.note, limits.italics, limits_for("en").italics) == ("♪", False, True)


def test_bbc_counts_words() -> None:
    limits = limits_for("en", profile="bbc")
    assert (limits.max_line_length, limits.note, limits.italics) == (37, "#", False)
    assert (limits.min_gap, limits.closed_gap) == (0.0, 1.0)
    assert limits.needed_seconds("One two three - four!") == pytest.approx(4 / 3)
    assert limits_for("ja", profile="bbc").needed_seconds("これは長い文です。") > 0.5


def test_needed_seconds_counts_code_points_unless_told() -> None:
    limits = limits_for("hi")
    assert limits.needed_seconds("की" * 11) == pytest.approx(1.0)
    config = PipelineConfig(subtitle_speed_counting="graphemes")
    assert limits_from_config(config, "hi", None).needed_seconds("की" * 11) == pytest.approx(0.5)


def test_settings_win_over_the_profile() -> None:
    assert limits_from_config(PipelineConfig(), "hi", "25") == limits_for("hi", frame_rate="25")
    config = PipelineConfig(
        subtitle_profile="bbc",
        subtitle_line_length=30,
        subtitle_max_lines=3,
        subtitle_reading_speed=11.0,
        subtitle_min_duration=1.0,
        subtitle_max_duration=5.0,
        subtitle_gap_frames=3,
        subtitle_line_counting="code_points",
    )
    limits = limits_from_config(config, "en", "25")
    assert (limits.max_line_length, limits.max_lines, limits.reading_speed) == (30, 3, 11.0)
    assert (limits.min_duration, limits.max_duration) == (1.0, 5.0)
    assert limits.min_gap == pytest.approx(0.12)
    assert (limits.note, limits.line_length("की")) == ("#", 2)
    child = PipelineConfig(subtitle_audience="child")
    assert limits_from_config(child, "en", None, is_sdh=True).reading_speed == 17


@pytest.mark.parametrize(
    ("language", "line", "length"),
    [
        ("ko", "- 그래, LA로 가자…", 9.0),
        ("ko", "그래，가자", 4.5),
        ("ja", "ＬＡへ行こう…", 7.0),
        ("ja", "LAへ行こう", 5.0),
        ("zh", "去LA吧", 4.0),
    ],
)
def test_what_is_half_as_wide_counts_a_half_as_the_guide_of_the_language_has_it(
    language: str, line: str, length: float
) -> None:
    assert limits_for(language).line_length(line) == length


def test_what_counts_as_a_character_and_as_a_word() -> None:
    assert display_length("क्या हाल है?") == 7
    assert count_characters("क्या", "code_points") == 4
    assert display_length("e\u0301") == display_length("\u00e9") == 1
    assert count_words("- Wait… 2 men? - No!") == 4
    assert count_words("… ♪") == 0
