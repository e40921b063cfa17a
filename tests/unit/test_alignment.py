#!/usr/bin/env python3
"""Tests of the models that time a film, and of where lines are sought."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.errors import InputError, UnavailableError
from shared.models.alignment import AlignmentModels
from shared.transcript.recognition.alignment import in_order, windows
from tests.support.media_job import segment, words


@pytest.fixture(autouse=True)
def no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub is switched off."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


def model(models_dir: Path, name: str) -> Path:
    """Put files of a wav2vec2 model into a model store; return its folder."""
    folder = models_dir / "wav2vec2" / name
    folder.mkdir(parents=True)
    for file in ("config.json", "vocab.json", "model.safetensors", "preprocessor_config.json"):
        (folder / file).write_text("{}")
    return folder


class TestModels:
    """AlignmentModels"""

    def test_each_language_has_its_own_and_the_others_have_mms(self, tmp_path: Path) -> None:
        hindi, english = model(tmp_path, "hi"), model(tmp_path, "en")
        mms = model(tmp_path, "mms")
        models = AlignmentModels("auto", "", "hi", tmp_path)
        assert (models.own("hi"), models.own("en-GB"), models.own("ta")) == (hindi, english, None)
        assert models.multilingual() == mms

    def test_without_any_model_nobody_reads(self, tmp_path: Path) -> None:
        models = AlignmentModels("auto", "", "hi", tmp_path)
        assert (models.own("hi"), models.own("xx"), models.multilingual()) == (None, None, None)

    def test_a_named_folder_is_for_the_films_language_only(self, tmp_path: Path) -> None:
        named, english = model(tmp_path / "named", "any"), model(tmp_path, "en")
        models = AlignmentModels("auto", str(named), "hi-IN", tmp_path)
        assert (models.own("hi"), models.own("en")) == (named, english)

    def test_mms_reads_all_languages_also_by_a_named_folder(self, tmp_path: Path) -> None:
        model(tmp_path, "hi")
        mms, named = model(tmp_path, "mms"), model(tmp_path / "named", "any")
        for name, folder in (("", mms), (str(named), named)):
            models = AlignmentModels("mms", name, "hi", tmp_path)
            assert (models.own("hi"), models.multilingual()) == (None, folder)

    def test_attention_looks_for_no_model(self, tmp_path: Path) -> None:
        model(tmp_path, "hi")
        model(tmp_path, "mms")
        models = AlignmentModels("attention", "", "hi", tmp_path)
        assert (models.own("hi"), models.multilingual()) == (None, None)

    @pytest.mark.parametrize(
        ("engine", "language"), [("wav2vec2", "hi"), ("wav2vec2", "xx"), ("mms", "hi")]
    )
    def test_what_is_asked_for_and_missing_is_told(
        self, tmp_path: Path, engine: str, language: str
    ) -> None:
        with pytest.raises(UnavailableError) as caught:
            AlignmentModels(engine, "", language, tmp_path)
        assert caught.value.exit_code == 3 and caught.value.hint

    def test_a_named_folder_that_is_not_there_is_a_users_error(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="No such folder"):
            AlignmentModels("auto", str(tmp_path / "gone"), "hi", tmp_path)


TIMES = st.lists(st.tuples(st.floats(0, 100), st.floats(0, 10)), min_size=1, max_size=8)


class TestWindows:
    """windows"""

    def test_short_pauses_are_shared_and_long_ones_cut(self) -> None:
        lines = [segment(0, 0.1, 2, "a"), segment(1, 2.4, 4, "b"), segment(2, 9, 9.9, "c")]
        found = windows(lines, context=1.0, duration=10.0)
        assert [tuple(round(t, 6) for t in one) for one in found] == [
            (0.0, 2.2),
            (2.2, 5.0),
            (8.0, 10.0),
        ]

    @given(TIMES, st.floats(0, 3))
    def test_every_line_is_inside_and_no_two_claim_the_same_pause(
        self, times: list[tuple[float, float]], context: float
    ) -> None:
        lines = [segment(n, a, a + d, "x") for n, (a, d) in enumerate(sorted(times))]
        found = windows(lines, context, duration=120.0)
        for (start, end), line in zip(found, lines, strict=True):
            assert 0 <= start <= line.start and line.end <= end
            assert line.start - start <= context + 1e-9 and end - line.end <= context + 1e-9
        for before, after, (_, end), (start, _) in zip(
            lines, lines[1:], found, found[1:], strict=False
        ):
            if before.end <= after.start:
                assert end <= start + 1e-9


def test_a_line_that_came_out_too_early_starts_no_sooner_than_the_one_before() -> None:
    early = segment(1, 4.0, 6.0, "b c", words=words((4.0, 4.5, "b"), (5.5, 6.0, "c")))
    lines = [segment(0, 5.0, 7.0, "a", words=words((5.0, 7.0, "a"))), early]
    first, second = in_order(lines)
    assert first == lines[0]
    assert (second.start, second.end) == (5.0, 6.0)
    assert all(5.0 <= word.start <= word.end <= 6.0 for word in second.words)
    assert in_order([]) == []
