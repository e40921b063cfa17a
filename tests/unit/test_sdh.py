#!/usr/bin/env python3
"""
SDH: sounds only where nobody speaks, long enough to be read, never again soon; speakers named.

Usage:
    pytest tests/unit/test_sdh.py
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.glossary_manager import Glossary, GlossaryTerm
from shared.subtitles.base.cue import Cue
from shared.subtitles.base.phrase import Phrase, phrase_from_segment
from shared.subtitles.base.profiles import ReadingLimits, limits_for
from shared.subtitles.checking.lint import lint_cues
from shared.subtitles.sdh.sdh import add_sounds, name_speakers, names_of_speakers, unnamed_sounds
from shared.subtitles.sdh.sound_labels import label_of
from shared.subtitles.shaping.shaping import shape_cues
from shared.transcript.records.schemas import Segment
from shared.transcript.sound.sounds import SoundEvent, SoundEvents

LIMITS = limits_for("en", frame_rate="24")


def said(*spans: tuple[float, float], text: str = "Who goes there?") -> list[Phrase]:
    """Return phrases at these times."""
    return [
        phrase_from_segment(
            Segment(id=i, start=start, end=end, text=text, confidence=1.0, language="en")
        )
        for i, (start, end) in enumerate(spans)
    ]


def heard(*events: tuple[str, float, float], score: float = 0.8) -> SoundEvents:
    """Return sounds in a film of a hundred seconds."""
    found = [SoundEvent(kind=k, start=a, end=b, score=score) for k, a, b in events]
    return SoundEvents(engine="test", audio_duration=100.0, events=found)


def tags(phrases: list[Phrase], sounds: SoundEvents, limits: ReadingLimits = LIMITS) -> list[Cue]:
    """Return the cues that are sounds."""
    shaped = shape_cues(phrases, limits)
    cues = add_sounds(shaped, phrases, sounds, limits)
    assert cues == sorted(cues, key=lambda cue: cue.start)
    return [cue for cue in cues if cue not in shaped]


def test_music_is_named_where_it_begins() -> None:
    (tag,) = tags([], heard(("music", 5.0, 60.0)))
    assert (tag.text, tag.start, tag.end) == ("[music]", 5.0, 8.0)


def test_a_sound_under_speech_is_named_when_the_speech_is_over() -> None:
    phrases = said((1.0, 4.0), (8.0, 9.0))
    (tag,) = tags(phrases, heard(("engine", 2.0, 7.0)))
    assert 4.0 < tag.start < 4.7 and tag.end < 8.0
    assert tags(phrases, heard(("gunshots", 2.0, 2.5))) == []


def test_a_sung_or_spoken_second_is_never_taken_even_beyond_its_cue() -> None:
    phrases = said((0.0, 12.0))
    cues = [Cue(0.0, 7.0, "Who goes there?")]
    shown = add_sounds(cues, phrases, heard(("music", 0.0, 12.5)), LIMITS)
    assert shown == cues


def test_no_room_to_read_it_no_tag() -> None:
    phrases = said((0.0, 4.0), (5.2, 8.0))
    assert tags(phrases, heard(("footsteps", 4.0, 5.2))) == []


def test_a_short_sound_stays_long_enough_to_be_read() -> None:
    (tag,) = tags([], heard(("gunshots", 10.0, 10.4)))
    assert (tag.start, tag.end) == (10.0, 10.833)
    (last,) = tags([], heard(("gunshots", 99.0, 99.9)))
    assert last.end <= 100.0


def test_the_same_sound_is_not_named_again_soon() -> None:
    dogs = heard(("dog", 10.0, 11.0), ("dog", 14.0, 15.0), ("dog", 40.0, 41.0))
    assert [tag.start for tag in tags([], dogs)] == [10.0, 40.0]


def test_an_effect_comes_before_the_music_under_it() -> None:
    both = tags([], heard(("music", 0.0, 30.0), ("explosion", 0.0, 1.0)))
    assert [tag.text for tag in both] == ["[explosion]", "[music]"]


def test_of_two_that_sound_alike_the_clearer_is_named() -> None:
    events = [
        SoundEvent(kind="alarm", start=0.0, end=9.0, score=0.7),
        SoundEvent(kind="phone", start=0.0, end=9.0, score=0.9),
    ]
    sounds = SoundEvents(engine="test", audio_duration=100.0, events=events)
    assert [tag.text for tag in tags([], sounds)] == ["[phone ringing]"]


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("hi", ["[हँसी]", "[संगीत]"]),
        ("hi-IN", ["[हँसी]", "[संगीत]"]),
        ("hi-Latn", ["[hansi]", "[sangeet]"]),
        ("ja", ["（笑い声）", "（音楽）"]),
        ("is", ["[laughter]", "[music]"]),
    ],
)
def test_sounds_are_in_the_language_or_else_in_english_and_no_note_stands_alone(
    language: str, texts: list[str]
) -> None:
    sounds = heard(("laughter", 1.0, 4.0), ("music", 9.0, 20.0))
    assert [tag.text for tag in tags([], sounds, limits_for(language))] == texts
    left = unnamed_sounds(sounds, language)
    assert left == (["laughter", "music"] if language == "is" else [])


GRID = st.integers(0, 400).map(lambda n: n / 4)
SPANS = st.lists(st.tuples(GRID, st.integers(1, 40).map(lambda n: n / 4)), max_size=12)
KINDS = st.sampled_from(["music", "dog", "engine", "gunshots", "alarm", "phone"])


@given(SPANS, st.lists(st.tuples(KINDS, GRID, st.integers(1, 80)), max_size=12), st.booleans())
def test_nothing_overlaps_flickers_or_covers_speech(
    spoken: list[tuple[float, float]], sounds: list[tuple[str, float, int]], has_picture: bool
) -> None:
    ordered: list[tuple[float, float]] = []
    for start, length in sorted(spoken):
        if not ordered or start >= ordered[-1][1] + 1.0:
            ordered.append((start, min(100.0, start + length)))
    phrases = said(*[(a, b) for a, b in ordered if b > a])
    events = sorted((k, a, min(100.0, a + n / 4)) for k, a, n in sounds)
    events.sort(key=lambda one: one[1])
    shaped = shape_cues(phrases, LIMITS, [] if has_picture else None)
    cues = add_sounds(shaped, phrases, heard(*events), LIMITS, has_picture)
    step = LIMITS.frame if has_picture else 0.001
    for time in (time for cue in cues for time in (cue.start, cue.end)):
        assert time == round(round(time / step) * step, 3)
    for before, after in zip(cues, cues[1:], strict=False):
        assert after.start - before.end >= LIMITS.min_gap - 0.002
    for tag in (cue for cue in cues if cue.text.startswith("[")):
        assert tag.duration >= LIMITS.min_duration - 0.001 and tag.end <= 100.0 + 1e-6
        assert not any(a < tag.end - 0.001 and b > tag.start + 0.001 for a, b in ordered)
        assert tag.text in {f"[{label_of(k, 'en')}]" for k, a, b in events if b >= tag.start}


def test_tags_break_no_rule_of_the_linter() -> None:
    phrases = said((3.0, 5.0), (9.0, 11.0), (20.0, 22.0))
    sounds = heard(("music", 0.0, 40.0), ("dog", 6.0, 6.5), ("engine", 12.0, 19.0))
    cues = add_sounds(shape_cues(phrases, LIMITS), phrases, sounds, LIMITS)
    assert len(cues) == 6
    assert lint_cues(cues, LIMITS) == []


def spoken_by(*speakers: str | None) -> list[Segment]:
    """Return a segment for each speaker, four seconds apart."""
    return [
        Segment(
            id=i,
            start=4.0 * i,
            end=4.0 * i + 2,
            text="Who goes there?",
            confidence=1.0,
            language="en",
            speaker=speaker,
        )
        for i, speaker in enumerate(speakers)
    ]


def named(segments: list[Segment], names: dict[str, str]) -> list[str]:
    """Return the texts of the phrases with their speakers."""
    phrases = [phrase_from_segment(one) for one in segments]
    return [one.text for one in name_speakers(phrases, segments, names, LIMITS)]


def test_a_change_of_speaker_is_named_where_the_name_is_known() -> None:
    segments = spoken_by("SPEAKER_00", "SPEAKER_00", "SPEAKER_01", "SPEAKER_00", None, "Shaman")
    texts = named(segments, {"SPEAKER_00": "Sintel"})
    assert texts == [
        "[Sintel] Who goes there?",
        "Who goes there?",
        "Who goes there?",
        "[Sintel] Who goes there?",
        "Who goes there?",
        "[Shaman] Who goes there?",
    ]


def test_who_speaks_while_another_does_is_named() -> None:
    one, other = spoken_by("SPEAKER_00", "SPEAKER_01")
    both = [
        one.model_copy(update={"end": 9.0}),
        other.model_copy(update={"start": 1.0, "end": 2.0}),
    ]
    names = {"SPEAKER_00": "Sintel", "SPEAKER_01": "Shaman"}
    assert named(both, names) == ["[Sintel] Who goes there?", "[Shaman] Who goes there?"]


def test_a_name_takes_the_place_of_a_dash() -> None:
    (segment,) = spoken_by("SPEAKER_00")
    dashed = segment.model_copy(update={"text": "- Who goes there?"})
    assert named([dashed], {"SPEAKER_00": "Sintel"}) == ["[Sintel] Who goes there?"]


def test_a_name_longer_than_a_line_is_broken_between_its_words() -> None:
    name = "The Old Gatekeeper of the Northern Mountain Pass"
    segments = [one.model_copy(update={"end": 6.0}) for one in spoken_by("SPEAKER_00")]
    phrases = [phrase_from_segment(one) for one in segments]
    shaped = shape_cues(name_speakers(phrases, segments, {"SPEAKER_00": name}, LIMITS), LIMITS)
    lines = [line for cue in shaped for line in cue.lines]
    assert " ".join(lines) == f"[{name}] Who goes there?"
    assert max(map(len, lines)) <= 42


def test_without_speakers_and_for_songs_nothing_is_named() -> None:
    assert named(spoken_by(None, None), {"SPEAKER_00": "Sintel"}) == ["Who goes there?"] * 2
    sung = [one.model_copy(update={"is_lyrics": True}) for one in spoken_by("SPEAKER_00")]
    assert named(sung, {"SPEAKER_00": "Sintel"}) == ["Who goes there?"]


def test_the_glossary_tells_whose_voice_it_is() -> None:
    terms = [
        GlossaryTerm(source="सिंटेल", preferred="Sintel", speaker="SPEAKER_00", origin="film"),
        GlossaryTerm(source="Shaman", speaker="SPEAKER_01", origin="film"),
        GlossaryTerm(source="gatekeepers", origin="film"),
    ]
    names = names_of_speakers(Glossary(terms=terms))
    assert names == {"SPEAKER_00": "Sintel", "SPEAKER_01": "Shaman"}
