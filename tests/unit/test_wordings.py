#!/usr/bin/env python3
"""Tests of shared/glossary/wordings.py, learned.py and tools/learn_terms.py."""

from __future__ import annotations

import os
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.core.errors import InputError, counted
from shared.glossary.learned import heard_terms, keep_terms
from shared.glossary.records import ADHERENCE, Glossary, GlossaryTerm, TranslationTerms
from shared.glossary.report import AdherenceReport, Share, TermAdherence
from shared.glossary.table import read_table
from shared.glossary.wordings import Wordings
from shared.transcript.records.schemas import Correction
from tests.support.media_job import put, segment, transcript
from tools.learn_terms import main

COMMON = {"en": {"virus", "a", "man", "rose", "gabble"}, "hi": {"वीर", "वीरू"}}


def common_words(language: str) -> Collection[str]:
    """Return a few common words."""
    return COMMON.get(language, ())


def wordings(*terms: GlossaryTerm, spoken: str = "hi") -> Wordings:
    """Return what stages need of these terms."""
    return Wordings(Glossary(terms=[*terms]), spoken, common_words)


def term(source: str, preferred: str = "", **fields: object) -> GlossaryTerm:
    """Return a term of the user's."""
    usual = {"source": source, "preferred": preferred, "origin": "user"}
    return GlossaryTerm.model_validate({**usual, **fields})


def pairs(terms: TranslationTerms) -> list[tuple[str, str]]:
    """Return how terms are spoken and translated."""
    return [(one.spoken.written, one.target.written) for one in terms.terms]


class TestForms:
    """What a preferred form means where."""

    def test_one_that_sounds_like_the_source_is_a_spelling(self) -> None:
        made = wordings(term("viru", "Veeru", alternatives=["wiru"]), spoken="en")
        (one,) = made.transcript().terms
        assert (one.written, one.spellings) == ("Veeru", ["viru", "wiru"])
        assert pairs(made.translation("de")) == [("Veeru", "Veeru")]
        assert made.translation("hi").terms == []

    def test_one_that_does_not_is_a_translation(self) -> None:
        made = wordings(term("jaan", "dear", alternatives=["jan", "darling"]))
        (one,) = made.transcript().terms
        assert (one.written, one.spellings) == ("jaan", ["jan"])
        (two,) = made.translation("en").terms
        assert two.target.spellings == ["jaan", "jan", "darling"]
        assert pairs(made.translation("en")) == [("jaan", "dear")]

    def test_the_source_is_no_spelling_where_it_is_another_word(self) -> None:
        (one,) = wordings(term("man", "mind", alternatives=["heart"])).translation("en").terms
        assert (one.spoken.written, one.target.written) == ("man", "mind")
        assert one.target.spellings == ["heart"]
        (two,) = wordings(term("virus", preferred_in={"en": "Virous"})).translation("en").terms
        assert "virus" in two.target.spellings

    def test_the_column_of_a_language_goes_first(self) -> None:
        name = term("Gabbar", "Gabbar", preferred_in={"hi": "गब्बर", "de": "Gabbar S."})
        made = wordings(name)
        assert made.transcript().terms[0].written == "गब्बर"
        assert pairs(made.translation("en")) == [("गब्बर", "Gabbar")]
        assert pairs(made.translation("de")) == [("गब्बर", "Gabbar S.")]
        assert made.recognition().words == ["गब्बर"]

    def test_recognition_is_told_no_other_script_and_no_actors(self) -> None:
        cast = term("Amjad Khan", notes="cast", preferred_in={"hi": "अमजद ख़ान"})
        made = wordings(term("Gabbar"), term("जान"), cast)
        assert made.recognition().words == ["जान"]
        assert wordings(term("Gabbar"), spoken="auto").recognition().words == ["Gabbar"]


def test_common_words_that_look_like_a_term_are_kept_from_it() -> None:
    made = wordings(term("Virous"), term("Aman"), term("Rose"), term("वीरू"), spoken="en")
    common = {one.source: set(one.common) for one in made.transcript().terms}
    assert "virus" in common["Virous"] and "rose" not in common["Virous"]
    assert common["Aman"] >= {"a", "man"}
    assert common["Rose"] == {"rose"}
    assert wordings(term("वीरू")).transcript().terms[0].common == ["वीर", "वीरू"]
    assert wordings(term("x"), spoken="de").transcript().guarded == ["en"]
    assert made.transcript().guarded == ["en"]


def test_what_a_cell_says_of_a_term_is_one_short_line() -> None:
    told = term("Gabbar", "Gabbar", context=" the\u2028bandit\x0b", notes='क्\u200dष "quoted"')
    (one,) = wordings(told).translation("en").terms
    assert one.about == 'the bandit ; क्\u200dष "quoted"'
    (one,) = wordings(term("Jai", "Jai", notes="x " * 5000)).translation("en").terms
    assert len(one.about) <= 200 and one.about.endswith("x …")
    said = wordings(term("कल", context="yesterday"), term("गब्बर")).translation("en")
    assert [(one.spoken.written, one.about) for one in said.hints] == [("कल", "yesterday")]
    assert not said.terms
    assert "about" not in wordings(told).transcript().model_dump_json()


class TestLearned:
    """What a finished job leaves for the next."""

    @pytest.fixture
    def job_dir(self, tmp_path: Path) -> Path:
        """A job that heard one of its two terms, and put a spelling right."""
        job_dir = tmp_path / "job"
        job_dir.mkdir()
        terms = [term("Gabbar", "Gabbar", preferred_in={"hi": "गब्बर"}), term("Jai")]
        put(job_dir, "glossary_load", "glossary.json", Glossary(terms=terms))
        share = Share(due=1, preferred=1)
        spoken = TermAdherence(source="Gabbar", origin="user", transcript=share)
        put(job_dir, "export_transcript", ADHERENCE, AdherenceReport(terms=[spoken]))
        fixed = Correction(heard="Gaber", written="Gabbar", confidence=0.9)
        film = transcript(segment(0, 0, 1, "Gabbar", corrections=[fixed]))
        put(job_dir, "export_transcript", "transcript.json", film)
        return job_dir

    def test_what_was_heard_is_listed_and_kept(
        self, job_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        kept = tmp_path / "glossary" / "learned.tsv"
        assert main([str(job_dir)]) == 0
        assert capsys.readouterr().out == "Gabbar\tGabbar\tGaber\n"
        for new in (1, 0):
            assert main([str(job_dir), "--keep", "gabbar", "--file", str(kept)]) == 0
            assert capsys.readouterr().out.startswith(counted(new, "new term"))
            (one,) = read_table(kept, "learned")
            assert (one.source, one.alternatives) == ("Gabbar", ["Gaber"])
            assert (one.preferred_in, one.origin) == ({"hi": "गब्बर"}, "learned")

    def test_a_job_from_elsewhere_neither_holds_it_nor_draws(
        self, job_dir: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        drawn = term("Gabbar", "Gabbar\x1b[2J\nGabbar")
        put(job_dir, "glossary_load", "glossary.json", Glossary(terms=[drawn]))
        assert main([str(job_dir)]) == 0
        assert capsys.readouterr().out == "Gabbar\tGabbar\\x1b[2J\\nGabbar\tGaber\n"
        (path,) = job_dir.glob("*/glossary.json")
        path.unlink()
        os.mkfifo(path)
        with pytest.raises(InputError, match="glossary.json is neither a file nor"):
            main([str(job_dir)])

    def test_a_sign_that_stood_there_already_hides_no_spelling(self) -> None:
        glossary = Glossary(terms=[term("Sammy Davis Jr.")])
        share = Share(due=1, preferred=1)
        spoken = TermAdherence(source="Sammy Davis Jr.", origin="user", transcript=share)
        fixed = Correction(heard="Samy Davis Jr", written="Sammy Davis Jr", confidence=0.9)
        film = transcript(segment(0, 0, 1, "Sammy Davis Jr. is here", corrections=[fixed]))
        (one,) = heard_terms(glossary, AdherenceReport(terms=[spoken]), film)
        assert one.alternatives == ["Samy Davis Jr"]

    def test_a_name_that_was_not_heard_is_refused(self, job_dir: Path) -> None:
        with pytest.raises(InputError) as caught:
            main([str(job_dir), "--keep", "Gabber"])
        assert "Did you mean Gabbar?" in caught.value.hint
        with pytest.raises(InputError, match="cannot be read"):
            main([str(job_dir / "gone")])

    def test_the_users_own_edits_stay(self, tmp_path: Path) -> None:
        path = tmp_path / "learned.tsv"
        path.write_text("source\tpreferred\tnotes\nGabbar\tGabbar S.\tmine\n", encoding="utf-8")
        keep_terms(path, [term("GABBAR", "other", alternatives=["Gaber"]), term("Jai")])
        first, second = read_table(path, "learned")
        assert (first.preferred, first.notes, first.alternatives) == (
            "Gabbar S.",
            "mine",
            ["Gaber"],
        )
        assert second.source == "Jai"

    def test_two_jobs_at_once_lose_nothing(self, tmp_path: Path) -> None:
        path = tmp_path / "learned.tsv"
        names = [f"Name{n}" for n in range(40)]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda name: keep_terms(path, [term(name)]), names))
        assert {one.source for one in read_table(path, "learned")} == set(names)
        assert [one.name for one in tmp_path.iterdir()] == ["learned.tsv"]

    def test_a_damaged_file_is_told_with_its_line_and_left(self, tmp_path: Path) -> None:
        path = tmp_path / "learned.tsv"
        path.write_text("source\na\tb\n", encoding="utf-8")
        with pytest.raises(InputError, match="learned.tsv:2: "):
            keep_terms(path, [term("Jai")])
        assert path.read_text(encoding="utf-8") == "source\na\tb\n"
