#!/usr/bin/env python3
"""
Profiles: what a broadcaster asks of subtitles, as data, and the limits of one file.

Numbers: Netflix timed text style guides (general, English, Hindi, timing) and the BBC subtitle
guidelines. A setting that is not 0 or empty wins over the profile's number.

Usage:
    from shared.subtitles.base.profiles import limits_for, limits_from_config

    limits = limits_for("hi", profile="netflix", frame_rate="25")
    limits.max_line_length, limits.min_gap, limits.needed_seconds("नमस्ते, दोस्त!")
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from shared.core.languages import primary
from shared.core.settings import PipelineConfig
from shared.subtitles.base.colours import COLOURS
from shared.subtitles.base.counting import Counting, count_characters, count_words, full_widths

ProfileName = Literal["netflix", "bbc"]
Audience = Literal["adult", "child"]
DEFAULT_FRAME_RATE = "24"
# The style guides count near shot changes in frames at 24 a second, where 12 are half a second.
GUIDE_RATE = 24
# Sounds and names stand between them; in Japan between the wide ones of its script.
BRACKETS, WIDE_BRACKETS = ("[", "]"), ("（", "）")


@dataclass(frozen=True)
class Speeds:
    """Characters a second that can be read."""

    adult: float
    child: float
    sdh_adult: float
    sdh_child: float

    def of(self, audience: Audience, is_sdh: bool) -> float:
        """Return the one that holds.

        Args:
            audience: Who watches.
            is_sdh: Whether sounds are described as well, which is read more quickly.
        """
        if is_sdh:
            return self.sdh_adult if audience == "adult" else self.sdh_child
        return self.adult if audience == "adult" else self.child


@dataclass(frozen=True)
class LanguageRules:
    """What a profile asks of one language.

    Attributes:
        dashes: In front of who speaks first in a cue, and of who answers.
        counts_width: Whether what is half as wide as a letter of the language counts a half.
        half_signs: Whether spaces and punctuation then count a half however wide they are.
    """

    line_length: int
    speeds: Speeds
    italics: bool
    brackets: tuple[str, str] = BRACKETS
    dashes: tuple[str, str] = ("-", "-")
    counts_width: bool = False
    half_signs: bool = False


@dataclass(frozen=True)
class Profile:
    """A broadcaster's numbers; what holds for one language alone is in languages."""

    general: LanguageRules
    languages: Mapping[str, LanguageRules]
    max_lines: int
    min_duration: float
    max_duration: float
    gap_frames: int
    # A gap shorter than this many seconds is closed to gap_frames; None = half a second of frames.
    closed_gap: float | None
    linger: float
    note: str
    # How a pause or a line that trails off, and one that is cut off, are written; empty = as is.
    ellipsis: str
    interruption: str
    seconds_per_word: float
    # Frames at 24: an in-time so little before a cut moves onto it; other times keep clear of cuts.
    shot_near: int
    shot_clear: int
    # Of speakers, in order of priority; none = all text is white.
    colours: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReadingLimits:
    """What the cues of one file keep to; lengths in characters, times in seconds."""

    max_line_length: int
    max_lines: int
    reading_speed: float
    min_duration: float
    max_duration: float
    min_gap: float
    # A gap longer than min_gap and shorter than this is closed; 0 = none is.
    closed_gap: float = 0.0
    frame: float = 1 / GUIDE_RATE
    linger: float = 0.5
    seconds_per_word: float = 0.0
    note: str = "♪"
    ellipsis: str = "…"
    interruption: str = "--"
    italics: bool = False
    brackets: tuple[str, str] = BRACKETS
    dashes: tuple[str, str] = ("-", "-")
    counts_width: bool = False
    half_signs: bool = False
    language: str = "und"
    line_counting: Counting = "graphemes"
    speed_counting: Counting = "code_points"
    shot_near: float = 7 / GUIDE_RATE
    shot_clear: float = 12 / GUIDE_RATE
    colours: tuple[str, ...] = ()

    def line_length(self, line: str) -> float:
        """Return how much of max_line_length a line takes.

        Args:
            line: One line.
        """
        if self.counts_width:
            return full_widths(line, self.half_signs)
        return count_characters(line, self.line_counting)

    def needed_seconds(self, text: str) -> float:
        """Return how long a text must stay to be read.

        Args:
            text: A cue's text.
        """
        characters = count_characters(text, self.speed_counting)
        return max(characters / self.reading_speed, count_words(text) * self.seconds_per_word)


INDIC = LanguageRules(42, Speeds(22.0, 18.0, 25.0, 20.0), italics=False)
ENGLISH = LanguageRules(42, Speeds(20.0, 17.0, 20.0, 17.0), italics=True)
GENERAL = LanguageRules(42, Speeds(17.0, 13.0, 20.0, 17.0), italics=True)
UPRIGHT = replace(GENERAL, italics=False)
SPACED, SECOND, SECOND_SPACED = ("- ", "- "), ("", "-"), ("", "- ")
ARABIC = LanguageRules(42, Speeds(20.0, 17.0, 23.0, 20.0), italics=False, dashes=SPACED)
JAPANESE = LanguageRules(
    13, Speeds(4.0, 4.0, 7.0, 7.0), italics=False, brackets=WIDE_BRACKETS, counts_width=True
)
KOREAN = LanguageRules(
    16,
    Speeds(12.0, 9.0, 14.0, 11.0),
    italics=False,
    dashes=SPACED,
    counts_width=True,
    half_signs=True,
)
CHINESE = LanguageRules(16, Speeds(9.0, 7.0, 11.0, 9.0), italics=False)
THAI = replace(UPRIGHT, line_length=35, dashes=SPACED)
NETFLIX = Profile(
    general=GENERAL,
    languages={"en": ENGLISH} | dict.fromkeys(("hi", "ta", "te", "bn", "kn", "ml", "mr"), INDIC)
    # Scripts that have no italics of their own.
    | dict.fromkeys(("fa", "gu", "pa", "ur"), UPRIGHT)
    | dict.fromkeys(
        ("cs", "es", "fr", "hu", "id", "it", "ms", "pl", "pt", "ro", "ru", "sk", "vi"),
        replace(GENERAL, dashes=SPACED),
    )
    | {"pt-PT": GENERAL}
    | dict.fromkeys(("fi", "nl", "sr"), replace(GENERAL, dashes=SECOND))
    | {"he": replace(UPRIGHT, dashes=SECOND), "bg": replace(GENERAL, dashes=SECOND_SPACED)}
    | {"ar": ARABIC, "ja": JAPANESE, "ko": KOREAN, "th": THAI, "zh": CHINESE},
    max_lines=2,
    min_duration=5 / 6,
    max_duration=7.0,
    gap_frames=2,
    closed_gap=None,
    linger=0.5,
    note="♪",
    ellipsis="…",
    interruption="--",
    seconds_per_word=0.0,
    shot_near=7,
    shot_clear=12,
)
# Words a minute, not characters a second: 180 at most, that is a third of a second a word.
WORDS_ALONE = Speeds(math.inf, math.inf, math.inf, math.inf)
# In scripts without spaces there are no words to count.
WITHOUT_SPACES = LanguageRules(37, GENERAL.speeds, italics=False)
BBC = Profile(
    general=LanguageRules(37, WORDS_ALONE, italics=False),
    languages=dict.fromkeys(("km", "lo", "my", "th", "zh"), WITHOUT_SPACES)
    | {"ja": replace(WITHOUT_SPACES, brackets=WIDE_BRACKETS)},
    max_lines=2,
    min_duration=5 / 6,
    max_duration=7.0,
    gap_frames=0,
    closed_gap=1.0,
    linger=1.5,
    note="#",
    ellipsis="",
    interruption="",
    seconds_per_word=1 / 3,
    shot_near=NETFLIX.shot_near,
    shot_clear=NETFLIX.shot_clear,
    colours=tuple(COLOURS),
)
PROFILES: Mapping[ProfileName, Profile] = {"netflix": NETFLIX, "bbc": BBC}
ITALICS = {"on": True, "off": False}
# Less than this many seconds a word cannot be read at all (BBC).
FASTEST_WORD = 0.3


def limits_for(
    language: str,
    *,
    profile: ProfileName = "netflix",
    audience: Audience = "adult",
    is_sdh: bool = False,
    frame_rate: str | None = None,
) -> ReadingLimits:
    """Return the limits of one subtitle file as its profile has them.

    Args:
        language: BCP-47; und = not known.
        profile: Whose numbers.
        audience: Who watches.
        is_sdh: Whether it is for the deaf and hard of hearing.
        frame_rate: Frames per second as a fraction, None without a picture.
    """
    chosen = PROFILES[profile]
    rules = chosen.languages.get(language) or chosen.languages.get(primary(language))
    rules = rules or chosen.general
    frame = 1 / Fraction(frame_rate or DEFAULT_FRAME_RATE)
    half_second = frame * round(1 / frame / 2)
    return ReadingLimits(
        max_line_length=rules.line_length,
        max_lines=chosen.max_lines,
        reading_speed=rules.speeds.of(audience, is_sdh),
        min_duration=chosen.min_duration,
        max_duration=chosen.max_duration,
        min_gap=float(chosen.gap_frames * frame),
        closed_gap=float(half_second if chosen.closed_gap is None else chosen.closed_gap),
        frame=float(frame),
        linger=chosen.linger,
        seconds_per_word=chosen.seconds_per_word,
        note=chosen.note,
        ellipsis=chosen.ellipsis,
        interruption=chosen.interruption,
        italics=rules.italics,
        brackets=rules.brackets,
        dashes=rules.dashes,
        counts_width=rules.counts_width,
        half_signs=rules.half_signs,
        language=language,
        shot_near=_seconds(chosen.shot_near, frame),
        shot_clear=_seconds(chosen.shot_clear, frame),
        colours=chosen.colours,
    )


def limits_from_config(
    config: PipelineConfig, language: str, frame_rate: str | None, is_sdh: bool = False
) -> ReadingLimits:
    """Return the limits of one subtitle file: its profile's, and over them what is set.

    Args:
        config: The job's settings.
        language: BCP-47.
        frame_rate: Frames per second as a fraction, None without a picture.
        is_sdh: Whether it is for the deaf and hard of hearing.
    """
    limits = limits_for(
        language,
        profile=config.subtitle_profile,
        audience=config.subtitle_audience,
        is_sdh=is_sdh,
        frame_rate=frame_rate,
    )
    gap = config.subtitle_gap_frames
    return replace(
        limits,
        max_line_length=config.subtitle_line_length or limits.max_line_length,
        max_lines=config.subtitle_max_lines or limits.max_lines,
        reading_speed=config.subtitle_reading_speed or limits.reading_speed,
        min_duration=config.subtitle_min_duration or limits.min_duration,
        max_duration=config.subtitle_max_duration or limits.max_duration,
        min_gap=gap * limits.frame if gap else limits.min_gap,
        italics=ITALICS.get(config.subtitle_italics, limits.italics),
        line_counting=config.subtitle_line_counting,
        speed_counting=config.subtitle_speed_counting,
    )


def _seconds(frames: int, frame: Fraction) -> float:
    """Return frames at 24 a second as seconds, whole frames of the film's own rate."""
    return float(frame * round(Fraction(frames, GUIDE_RATE) / frame))
