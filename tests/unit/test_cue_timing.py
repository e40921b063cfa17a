#!/usr/bin/env python3
"""Tests of shared/subtitles/shaping/cue_timing.py: one test a rule, in frames at 24 a second."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.subtitles.base.cue import Cue
from shared.subtitles.base.profiles import limits_for
from shared.subtitles.shaping.cue_timing import Spoken, settle_times

LIMITS = limits_for("en", frame_rate="24")
HINDI = limits_for("hi", frame_rate="24")
BBC = limits_for("en", profile="bbc", frame_rate="24")
FRAME = 1 / 24


def frames(cues: list[Cue]) -> list[tuple[int, int]]:
    """Return in- and out-times in frames; every time lies on one."""
    times = [(cue.start * 24, cue.end * 24) for cue in cues]
    assert all(abs(value - round(value)) < 0.03 for pair in times for value in pair)
    return [(round(start), round(end)) for start, end in times]


def said(*spans: tuple[float, float], text: str = "Yes, of course.") -> list[Spoken]:
    """Return cues that are said from frame to frame."""
    return [Spoken(start * FRAME, end * FRAME, text) for start, end in spans]


class TestOutTimes:
    """How long a cue stays."""

    def test_it_lingers_half_a_second_when_nothing_follows(self) -> None:
        assert frames(settle_times(said((24, 72)), LIMITS, [])) == [(24, 84)]

    def test_it_stays_long_enough_to_be_seen(self) -> None:
        assert frames(settle_times(said((24, 26), text="No."), LIMITS, [])) == [(24, 44)]

    def test_it_stays_as_long_as_reading_needs(self) -> None:
        text = "a" * 40
        assert frames(settle_times(said((24, 30), text=text), LIMITS, [])) == [(24, 72)]
        assert frames(settle_times(said((24, 30), text=text), HINDI, [])) == [(24, 68)]

    def test_it_never_stays_longer_than_seven_seconds(self) -> None:
        assert frames(settle_times(said((24, 600)), LIMITS, [])) == [(24, 24 + 168)]

    def test_nothing_is_shown_after_the_film(self) -> None:
        assert frames(settle_times(said((24, 72)), LIMITS, [], film_end=3.1)) == [(24, 74)]

    def test_broadcasters_linger_differently(self) -> None:
        assert frames(settle_times(said((24, 72)), BBC, [])) == [(24, 72 + 36)]


class TestGaps:
    """What lies between two cues."""

    @pytest.mark.parametrize("pause", range(0, 24))
    def test_a_gap_is_two_frames_or_half_a_second(self, pause: int) -> None:
        """With half a second of linger every pause of less than a second is closed."""
        first, second = frames(settle_times(said((24, 72), (72 + pause, 120)), LIMITS, []))
        gap = second[0] - first[1]
        assert gap == 2 or gap >= 12
        assert second[0] == 72 + pause or pause == 0

    @pytest.mark.parametrize("pause", range(3, 12))
    def test_a_small_gap_is_closed_even_without_linger(self, pause: int) -> None:
        strict = replace(LIMITS, linger=0.0)
        first, second = frames(settle_times(said((24, 72), (72 + pause, 120)), strict, []))
        assert (first[1], second[0]) == (70 + pause, 72 + pause)

    def test_bbc_closes_a_second(self) -> None:
        strict = replace(BBC, linger=0.0)
        first, second = frames(settle_times(said((24, 72), (90, 120)), strict, []))
        assert first[1] == second[0] == 90
        first, second = frames(settle_times(said((24, 72), (97, 120)), strict, []))
        assert (first[1], second[0]) == (72, 97)

    def test_the_longest_duration_can_keep_a_gap_open_but_never_small(self) -> None:
        """Closing it would hold the first cue too long: it goes early instead."""
        first, second = frames(settle_times(said((0, 160), (174, 200)), LIMITS, []))
        assert second[0] - first[1] >= 12
        assert first[1] >= 160


class TestInTimes:
    """When a cue starts."""

    @pytest.mark.parametrize("onset, start", [(24.4, 24), (24.6, 25)])
    def test_on_the_frame_nearest_to_the_onset(self, onset: float, start: int) -> None:
        assert frames(settle_times(said((onset, 72)), LIMITS, []))[0][0] == start

    def test_whole_frames_of_a_rate_that_is_none(self) -> None:
        limits = limits_for("en", frame_rate="24000/1001")
        (cue,) = settle_times([Spoken(1000.0, 1002.0, "Yes.")], limits, [])
        assert cue.start == pytest.approx(round(cue.start * 24000 / 1001) * 1001 / 24000, abs=6e-4)
        assert abs(cue.start - 1000.0) <= limits.frame / 2 + 0.001

    def test_without_a_picture_in_milliseconds(self) -> None:
        (cue,) = settle_times([Spoken(1.235, 3.0, "Yes.")], LIMITS)
        assert (cue.start, cue.end) == (1.235, 3.5)

    def test_two_who_speak_at_once_follow_one_another_and_the_second_says_why(self) -> None:
        first, second = settle_times(said((24, 72), (25, 72)), LIMITS, [])
        assert second.start >= first.end + 2 * FRAME - 0.001
        assert [reason.rule for reason in second.reasons] == ["late"]


class TestShotChanges:
    """A cut at frame 120; speech far from other cues."""

    @pytest.mark.parametrize(
        "onset, start",
        [
            (107, 107),  # 13 before: clear of it
            (109, 108),  # 8 to 11 before: pulled to 12 before
            (112, 108),
            (113, 120),  # up to 7 before: onto the cut
            (119, 120),
            (120, 120),
            (121, 120),  # under 12 after: onto the cut
            (131, 120),
            (132, 132),  # 12 after: clear of it
        ],
    )
    def test_in_times(self, onset: int, start: int) -> None:
        cues = settle_times(said((onset, onset + 60)), LIMITS, [120 * FRAME])
        assert frames(cues)[0][0] == start

    @pytest.mark.parametrize(
        "spoken_end, end",
        [
            (95, 107),  # with its half second of linger: clear of it
            (96, 118),  # out-time within 12 before: two frames before the cut
            (107, 118),
            (112, 118),  # linger ends after the cut, the speech before it
            (119, 118),
            (130, 142),  # speech goes over the cut: 12 frames after at least
        ],
    )
    def test_out_times(self, spoken_end: int, end: int) -> None:
        cues = settle_times(said((48, spoken_end)), LIMITS, [120 * FRAME])
        assert frames(cues)[0][1] == end

    def test_a_cue_over_the_cut_stays_until_twelve_frames_after(self) -> None:
        strict = replace(LIMITS, linger=0.0)
        assert frames(settle_times(said((48, 128)), strict, [120 * FRAME])) == [(48, 132)]

    def test_speech_of_the_cue_before_is_not_cut_short(self) -> None:
        first, second = frames(settle_times(said((48, 124), (126, 180)), LIMITS, [120 * FRAME]))
        assert second[0] == 126
        assert first[1] == 124

    def test_a_cue_before_and_one_after_meet_at_the_cut(self) -> None:
        first, second = frames(settle_times(said((48, 110), (124, 180)), LIMITS, [120 * FRAME]))
        assert (first[1], second[0]) == (118, 120)


class TestReasons:
    """A cue that breaks a limit tells why."""

    def test_speech_that_is_too_fast(self) -> None:
        first, second = settle_times(said((24, 48), (48, 120), text="a" * 42), LIMITS, [])
        assert [reason.rule for reason in first.reasons] == ["reading-speed"]
        assert "the next words come at 2.000 s" in first.reasons[0].why
        assert second.reasons == ()

    def test_more_words_a_minute_than_can_be_read(self) -> None:
        first, _ = settle_times(said((24, 44), (44, 120), text="I do it all now."), BBC, [])
        assert [reason.rule for reason in first.reasons] == ["word-rate"]

    def test_speech_that_is_too_short(self) -> None:
        first, _ = settle_times(said((24, 36), (36, 120), text="No."), LIMITS, [])
        assert [reason.rule for reason in first.reasons] == ["min-duration"]

    def test_a_word_that_fits_no_line(self) -> None:
        (cue,) = settle_times(said((24, 240), text="a" * 43), LIMITS, [])
        assert [reason.rule for reason in cue.reasons] == ["line-length"]
