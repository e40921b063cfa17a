#!/usr/bin/env python3
"""
Sound labels: every language names every sound, in its own script, as the linter wants it.

Usage:
    pytest tests/unit/test_sound_labels.py
"""

from __future__ import annotations

import pytest
import regex

from shared.subtitles.base.profiles import PROFILES, ProfileName, limits_for
from shared.subtitles.checking.lint import lint_cues
from shared.subtitles.sdh.sdh import REPEAT_SECONDS, TAG_SECONDS, add_sounds
from shared.subtitles.sdh.sound_labels import LABELS, en, has_labels, label_of
from shared.transcript.sound.sounds import SoundEvent, SoundEvents

SCRIPTS = {
    "Arab": "Arabic",
    "Beng": "Bengali",
    "Cyrl": "Cyrillic",
    "Deva": "Devanagari",
    "Gujr": "Gujarati",
    "Guru": "Gurmukhi",
    "Hans": "Han",
    "Hant": "Han",
    "Jpan": r"Han}\p{Hiragana}\p{Katakana}ー\p{Zs",
    "Knda": "Kannada",
    "Kore": "Hangul",
    "Latn": "Latin",
    "Mlym": "Malayalam",
    "Taml": "Tamil",
    "Telu": "Telugu",
}


@pytest.mark.parametrize("language", LABELS)
def test_every_language_names_every_sound_in_its_script(language: str) -> None:
    labels = LABELS[language]
    assert set(labels) == set(en.LABELS)
    script = SCRIPTS[language.split("-")[1]]
    for label in labels.values():
        assert regex.fullmatch(rf"[\p{{{script}}}\p{{M}} '\-]+", label), label
        assert label == label.strip()
    # Two sounds with one name would be one sound to the viewer.
    assert len(set(labels.values())) == len(labels)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("language", LABELS)
def test_the_lines_break_no_rule(language: str, profile: ProfileName) -> None:
    apart = TAG_SECONDS + REPEAT_SECONDS
    events = [
        SoundEvent(kind=kind, start=apart * i, end=apart * i + TAG_SECONDS, score=0.9)
        for i, kind in enumerate(en.LABELS)
    ]
    sounds = SoundEvents(engine="test", audio_duration=apart * len(events), events=events)
    limits = limits_for(language, profile=profile, is_sdh=True)
    cues = add_sounds([], [], sounds, limits)
    opening, closing = limits.brackets
    assert [cue.text for cue in cues] == [
        f"{opening}{LABELS[language][event.kind]}{closing}" for event in events
    ]
    assert lint_cues(cues, limits) == []


@pytest.mark.parametrize(
    ("language", "label"),
    [
        ("hi", "रेलगाड़ी"),
        ("hi-IN", "रेलगाड़ी"),
        ("hi-Latn", "train"),
        ("zh", "火车声"),
        ("zh-TW", "火車聲"),
        ("pt", "trem"),
        ("pt-PT", "comboio"),
        ("pa-PK", "train"),
        ("is", "train"),
        ("und", "train"),
    ],
)
def test_region_and_script_choose_the_label(language: str, label: str) -> None:
    assert label_of("train", language) == label


def test_a_language_or_a_script_without_labels_says_so() -> None:
    assert [has_labels(one) for one in ("ta", "pa-Arab", "is", "und")] == [
        True,
        False,
        False,
        False,
    ]
    assert label_of("theremin", "hi") == "theremin"
