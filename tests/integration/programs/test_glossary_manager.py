#!/usr/bin/env python3
"""Tests of shared/glossary_manager.py, and scripts/glossary_builder.py as a real stage."""

from __future__ import annotations

import codecs
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.errors import InputError
from shared.glossary.matching import fold
from shared.glossary.records import RecognitionTerms
from shared.glossary_manager import Glossary, GlossaryManager, GlossaryTerm
from shared.transcript.records.enrichment import CastMember, Enrichment
from tests.support.examples import examples
from tests.support.media import silence
from tests.support.media_job import log_of, make_job, output, put, run_stage

CELL = st.text(
    st.characters(exclude_characters="\t\n\r|", exclude_categories=["Cs", "Cc"]), max_size=12
).map(str.strip)
WORD = CELL.filter(lambda cell: not cell or any(map(str.isalnum, cell)))


def enrichment(*characters: str) -> Enrichment:
    """Return what TMDB would know of a film with these characters."""
    return Enrichment(
        tmdb_id=1,
        title="Film",
        original_title="Film",
        original_language="hi",
        cast=[CastMember(name="", character=character) for character in characters],
    )


def read(path: Path, text: str | bytes) -> Glossary:
    """Write a glossary file and read it."""
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    manager = GlossaryManager()
    count = manager.add_file(path, "user")
    glossary = manager.glossary()
    assert count >= len(glossary.terms)
    return glossary


class TestFile:
    """What a TSV file may look like."""

    def test_all_columns_are_read(self, tmp_path: Path) -> None:
        text = "source\tpreferred\talternatives\tnotes\tcontext\tspeaker\n"
        text += 'jaan\tdear\tdarling| my life \t"warm"\tlove\tRaj\n'
        (term,) = read(tmp_path / "terms.tsv", text).terms
        assert term == GlossaryTerm(
            source="jaan",
            preferred="dear",
            alternatives=["darling", "my life"],
            notes='"warm"',
            context="love",
            speaker="Raj",
            origin="user",
        )

    @pytest.mark.parametrize(
        "text",
        [
            b"\xef\xbb\xbfsource\tpreferred\njaan\tdear\n",
            b"source\tpreferred\r\njaan\tdear\r\n",
            b"source\tpreferred\rjaan\tdear\r",
            b"# terms\n\nSource\t Preferred \n\n# more\njaan\tdear",
            b"preferred\tsource\ndear\tjaan\n\t\n",
            "source\tpreferred\r\njaan\tdear\r\n".encode("utf-16"),
            codecs.BOM_UTF16_BE + "source\tpreferred\njaan\tdear".encode("utf-16-be"),
        ],
        ids=["bom", "crlf", "cr", "comments and case", "order", "UTF-16", "UTF-16 BE"],
    )
    def test_forms_that_editors_write(self, tmp_path: Path, text: bytes) -> None:
        (term,) = read(tmp_path / "terms.tsv", text).terms
        assert (term.source, term.preferred) == ("jaan", "dear")

    def test_a_term_may_have_a_word_for_each_language(self, tmp_path: Path) -> None:
        text = "source\tpreferred:Hindi\tpreferred:en\tpreferred:ta\nGabbar\tगब्बर\tGabbar\t\n"
        (term,) = read(tmp_path / "t.tsv", text).terms
        assert term.preferred_in == {"hi": "गब्बर", "en": "Gabbar"}

    def test_quotes_are_letters(self, tmp_path: Path) -> None:
        (term,) = read(tmp_path / "t.tsv", 'source\tpreferred\n"Don\t5" screen\n').terms
        assert (term.source, term.preferred) == ('"Don', '5" screen')

    def test_missing_cells_are_empty(self, tmp_path: Path) -> None:
        (term,) = read(tmp_path / "t.tsv", "source\tpreferred\tnotes\nRaj\n").terms
        assert (term.source, term.preferred, term.notes) == ("Raj", "", "")

    @pytest.mark.parametrize(
        ("text", "line", "said", "hint"),
        [
            ("word\tpreferred\n", 1, "no column 'source'", "source preferred"),
            ("\n# x\njaan\tdear\n", 3, "no column 'source'", "source preferred"),
            ("source\tprefered\n", 1, "unknown column 'prefered'", "Did you mean preferred?"),
            ("source\tzzz\n", 1, "unknown column 'zzz'", "Columns: source, preferred"),
            ("source\na\n\nb\tc\n", 4, "2 cells under 1 columns", "tab"),
            ("source\tpreferred\n\tdear\n", 2, "the cell 'source' is empty", "Fill it"),
            ("source\tsource\na\tb\n", 1, "column 'source' stands there twice", "Keep one"),
            ("source\tpreferred:xx\n", 1, "Unknown language 'xx' (column preferred:xx)", "code"),
            (
                "source\na\nb\0c\n",
                3,
                "a control character (U+0000)",
                "UTF-8",
            ),
            ("source\na\x1b[31m\n", 2, "a control character (U+001B)", ""),
            ("source\n…\n", 2, "the cell 'source' holds no letter and no digit: …", "Write"),
            ("source\tpreferred\nRaj\t-\n", 2, "the cell 'preferred' holds no letter", "empty"),
            ("source\talternatives\nRaj\tRaaj|?\n", 2, "the cell 'alternatives' holds no", "Write"),
            (f"source\n{'x' * 10_000}\n", 2, "the cell 'source' has 10000 characters", "tab"),
            (
                f"source\tpreferred:hi\na\t{'x' * 201}\n",
                2,
                "the cell 'preferred:hi' has 201",
                "tab",
            ),
            (b"s\0o\0u\0r\0c\0e\0\n\0", 1, "a control character (U+0000)", "UTF-8"),
            (b"source\na\nJos\xe9\n", 3, "not UTF-8 text", "Save it as UTF-8"),
            (b"source\n\xed\xa0\x80\n", 2, "not UTF-8 text", "Save it as UTF-8"),
            ("source\tpreferred:hi\tpreferred:hin\n", 1, "column 'preferred:hi' stands", "Keep"),
        ],
    )
    def test_a_fault_is_told_with_file_and_line(
        self, tmp_path: Path, text: str | bytes, line: int, said: str, hint: str
    ) -> None:
        path = tmp_path / "terms.tsv"
        with pytest.raises(InputError) as caught:
            read(path, text)
        assert caught.value.cause.startswith(f"{path}:{line}: {said}")
        assert hint in caught.value.hint

    def test_the_line_is_the_one_an_editor_shows(self, tmp_path: Path) -> None:
        """Characters that only Python takes for line ends do not count."""
        with pytest.raises(InputError, match="terms.tsv:3: "):
            read(tmp_path / "terms.tsv", "source\na\u2028b\x0cc\x85d\na\tb\n")

    def test_files_that_cannot_be_read(self, tmp_path: Path) -> None:
        (tmp_path / "latin.tsv").write_bytes(b"source\nJos\xe9\n")
        (tmp_path / "folder.tsv").mkdir()
        for name, said in [
            ("gone", "No such"),
            ("latin", "latin.tsv:2: not UTF-8"),
            ("folder", "cannot be read"),
        ]:
            with pytest.raises(InputError, match=said) as caught:
                GlossaryManager().add_file(tmp_path / f"{name}.tsv", "user")
            assert f"{name}.tsv" in caught.value.cause
            assert caught.value.hint

    def test_a_very_long_cell_is_just_long(self, tmp_path: Path) -> None:
        (term,) = read(tmp_path / "t.tsv", f"source\tnotes\nRaj\t{'x' * 200_000}\n").terms
        assert len(term.notes) == 200_000

    @examples(60)
    @given(st.lists(st.tuples(WORD, WORD, st.lists(WORD, max_size=3), CELL), max_size=6))
    def test_what_is_written_is_read_back(
        self,
        tmp_path_factory: pytest.TempPathFactory,
        rows: list[tuple[str, str, list[str], str]],
    ) -> None:
        rows = [row for row in rows if row[0] and not row[0].startswith(("#", "\ufeff"))]
        text = "source\tpreferred\talternatives\tnotes\n"
        for source, preferred, others, notes in rows:
            text += "\t".join([source, preferred, "|".join(others), notes]) + "\n"
        found = read(tmp_path_factory.getbasetemp() / "any.tsv", text)
        alone = Counter(fold(row[0]) for row in rows)
        for term in found.terms:
            if alone[fold(term.source)] == 1:  # others are joined
                row = (term.source, term.preferred, term.alternatives, term.notes)
                assert row in [(s, p, [o for o in others if o], n) for s, p, others, n in rows]
        assert not rows or found.terms
        assert Glossary.model_validate_json(found.model_dump_json()) == found


class TestPrecedence:
    """Film before user before TMDB before learned, whatever came first."""

    def test_the_most_trusted_origin_wins(self) -> None:
        names: tuple[str, ...] = ("learned", "tmdb", "user", "film")
        for order in (names, names[::-1], ("user", "film", "learned", "tmdb")):
            manager = GlossaryManager()
            for origin in order:
                term = {"source": "Jaan", "preferred": origin, "origin": origin}
                manager.add(GlossaryTerm.model_validate(term))
            assert [term.preferred for term in manager.glossary().terms] == ["film"]

    def test_two_rows_of_one_file_are_one_term_where_they_agree(self, tmp_path: Path) -> None:
        text = "source\tpreferred\talternatives\nRaj\tRaj\tRaaj\nRAJ\tRaj\tRaj ji\nraj\tRoj\tRooj\n"
        glossary = read(tmp_path / "t.tsv", text)
        (term,) = glossary.terms
        assert (term.source, term.alternatives) == ("Raj", ["Raaj", "Raj ji"])
        assert glossary.conflicts == ["Raj: user wants Raj, user Roj; Raj is taken"]

    def test_the_first_of_one_origin_stays(self) -> None:
        manager = GlossaryManager()
        for preferred in ("first", "second"):
            manager.add(GlossaryTerm(source="a", preferred=preferred, origin="user"))
        assert [term.preferred for term in manager.glossary().terms] == ["first"]

    @pytest.mark.parametrize(("one", "other"), [("Raj", "RAJ"), ("ﬁlm", "film"), ("é", "e\u0301")])
    def test_case_and_form_do_not_make_another_term(self, one: str, other: str) -> None:
        manager = GlossaryManager()
        manager.add(GlossaryTerm(source=one, origin="user"))
        manager.add(GlossaryTerm(source=other, origin="film"))
        assert [term.source for term in manager.glossary().terms] == [other]

    def test_terms_are_ordered_by_trust(self) -> None:
        manager = GlossaryManager()
        manager.add_enrichment(enrichment("Jai"))
        manager.add(GlossaryTerm(source="b", origin="user"))
        manager.add(GlossaryTerm(source="c", origin="film"))
        manager.add(GlossaryTerm(source="a", origin="user"))
        assert [term.source for term in manager.glossary().terms] == ["c", "b", "a", "Jai"]


def test_characters_of_tmdb_become_names() -> None:
    manager = GlossaryManager()
    manager.add_enrichment(enrichment("Veeru / Mr. V (voice)", "Self", "", "Himself", "Basanti"))
    names = [(term.source, term.preferred, term.origin) for term in manager.glossary().terms]
    assert names == [
        ("Veeru", "Veeru", "tmdb"),
        ("Mr. V", "Mr. V", "tmdb"),
        ("Basanti", "Basanti", "tmdb"),
    ]


def test_the_cast_and_the_parts_of_names_become_terms_in_the_films_script() -> None:
    known = enrichment("Gabbar Singh", "Inspector Rao").model_copy(
        update={"transliterations": {"hi": {"gabbar": "गब्बर", "singh": "सिंह", "rao": "राव"}}}
    )
    known.cast.append(CastMember(name="Amjad Khan", character="Gabbar Singh"))
    manager = GlossaryManager()
    manager.add_enrichment(known, is_common={"inspector"}.__contains__)
    terms = {term.source: (term.notes, term.preferred_in) for term in manager.glossary().terms}
    assert terms == {
        "Gabbar Singh": ("character", {"hi": "गब्बर सिंह"}),
        "Inspector Rao": ("character", {}),
        "Gabbar": ("character", {"hi": "गब्बर"}),
        "Singh": ("character", {"hi": "सिंह"}),
        "Amjad Khan": ("cast", {}),
    }


class TestConflicts:
    """What origins and rows say against one another."""

    def test_the_trusted_word_is_taken_and_the_conflict_told(self) -> None:
        manager = GlossaryManager()
        manager.add(GlossaryTerm(source="Veeru", preferred="Veeru", origin="tmdb"))
        manager.add(GlossaryTerm(source="veeru", preferred="Viru", origin="user"))
        glossary = manager.glossary()
        assert [term.preferred for term in glossary.terms] == ["Viru"]
        assert glossary.conflicts == ["veeru: user wants Viru, tmdb Veeru; Viru is taken"]

    def test_a_spelling_that_two_terms_claim_is_told(self) -> None:
        manager = GlossaryManager()
        manager.add(GlossaryTerm(source="Jai", alternatives=["Jay"], origin="film"))
        manager.add(GlossaryTerm(source="Jaya", alternatives=["Jay"], origin="user"))
        assert manager.glossary().conflicts == ["Jay is a spelling of Jai and of Jaya: Jai has it"]

    def test_what_a_lesser_origin_knows_beside_is_kept_where_they_agree(self) -> None:
        manager = GlossaryManager()
        manager.add(GlossaryTerm(source="Jai", preferred="Jai", origin="film"))
        lesser = {"source": "Jai", "preferred": "Jai", "alternatives": ["Jay"], "origin": "learned"}
        manager.add(GlossaryTerm(preferred_in={"hi": "जय"}, **lesser))
        glossary = manager.glossary()
        assert glossary.terms[0].preferred_in == {"hi": "जय"}
        assert (glossary.terms[0].alternatives, glossary.conflicts) == (["Jay"], [])
        assert glossary.terms[0].origin == "film"


def test_hotwords_are_the_first_that_fit() -> None:
    terms = RecognitionTerms(words=["Jaan", "Gabbar Singh", "Jai", "Jai"])
    assert terms.hotwords(100) == "Jaan, Gabbar Singh, Jai"
    assert terms.hotwords(10) == "Jaan, Jai"
    assert terms.hotwords(0) == ""


class TestStage:
    """The stage glossary_load."""

    @pytest.fixture
    def film(self, tmp_path: Path) -> Path:
        """A sound that can be prepared."""
        return silence(tmp_path / "film.wav")

    def test_files_and_tmdb_are_joined(self, film: Path, tmp_path: Path) -> None:
        own, general = tmp_path / "sholay (1975).tsv", tmp_path / "general.tsv"
        own.write_text("source\tpreferred\nVeeru\tViru\n")
        general.write_text("source\tpreferred\nveeru\tWrong\nyaar\tfriend\n")
        files = f"{general},{own}"
        job_dir = make_job(tmp_path, film, title="Sholay", year=1975, GLOSSARY_FILES=files)
        put(job_dir, "tmdb", "enrichment.json", enrichment("Veeru", "Jai"))
        result = run_stage(job_dir, "glossary_load")
        assert (result.status, result.summary) == ("done", {"terms": 3, "conflicts": 2})
        written = json.loads(output(job_dir, "glossary_load", "glossary.json").read_text())
        terms = [(t["source"], t["preferred"], t["origin"]) for t in written["terms"]]
        assert terms == [
            ("Veeru", "Viru", "film"),
            ("yaar", "friend", "user"),
            ("Jai", "Jai", "tmdb"),
        ]

    def test_an_edit_reaches_only_the_files_it_concerns(self, film: Path, tmp_path: Path) -> None:
        """So that asr does not run again for a translation: each stage reads its own file."""
        own = tmp_path / "own.tsv"
        job_dir = make_job(tmp_path, film, source="hi", targets=("en",), GLOSSARY_FILES=str(own))
        written: list[dict[str, str]] = []
        rows = ("\t\tdear\t\n", "\t\tdear\tlove\n", "\t\tdarling\tlove\n", "\tजाँ\tdear\tlove\n")
        for row in rows:
            text = "source\tpreferred:hi\tpreferred:en\tcontext\nजान" + row
            own.write_text(text, encoding="utf-8")
            assert run_stage(job_dir, "glossary_load").status == "done"
            folder = output(job_dir, "glossary_load", "")
            written.append({path.name: path.read_text("utf-8") for path in folder.iterdir()})
        changed = [
            {name for name in before if before[name] != after[name]}
            for before, after in zip(written, written[1:], strict=False)
        ]
        assert changed[0] == changed[1] == {"glossary.json", "translation_terms_en.json"}
        assert changed[2] == set(written[0])

    @pytest.mark.parametrize(
        ("text", "kept", "told"),
        [
            ("source\nRaj\nA\tB\nVijay\n", ["Raj", "Vijay"], ["bad.tsv:3: 2 cells under 1"]),
            (b"source\nJos\xe9\nRaj\n", ["Raj"], ["bad.tsv:2: not UTF-8 text. Save it as"]),
            ("source\n\tx\n?\nRaj\n", ["Raj"], ["bad.tsv:2: 2 cells", "bad.tsv:3: the cell"]),
            ("sorce\nRaj\nVijay\n", [], ["bad.tsv:1: no column 'source'"]),
            (b"\xff\xfes\x00o\xd8", [], ["bad.tsv:1: not UTF-8 text"]),
            (bytes(range(256)) * 99, [], ["bad.tsv:1: a control character"]),
            ("source\n" + "A\tB\n" * 25, [], ["bad.tsv:2: "] + ["2 cells"] * 9 + ["15 more"]),
        ],
    )
    def test_a_faulty_line_is_told_and_left_out_and_the_film_goes_on(
        self, film: Path, tmp_path: Path, text: str | bytes, kept: list[str], told: list[str]
    ) -> None:
        (tmp_path / "bad.tsv").write_bytes(text.encode() if isinstance(text, str) else text)
        job_dir = make_job(tmp_path, film, GLOSSARY_FILES=str(tmp_path / "bad.tsv"))
        result = run_stage(job_dir, "glossary_load")
        assert (result.status, result.outages) == ("done", [])
        made = Glossary.model_validate_json(
            output(job_dir, "glossary_load", "glossary.json").read_text()
        )
        assert [term.source for term in made.terms] == kept
        assert len(result.warnings) == len(told)
        assert all(part in line for part, line in zip(told, result.warnings, strict=True))
        assert all(line in log_of(job_dir, "glossary_load") for line in result.warnings)

    def test_a_strict_glossary_stops_the_stage_with_the_line(
        self, film: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "bad.tsv").write_text("source\nRaj\nA\tB\n")
        named = {"GLOSSARY_FILES": str(tmp_path / "bad.tsv"), "GLOSSARY_STRICT": "true"}
        job_dir = make_job(tmp_path, film, **named)
        result = run_stage(job_dir, "glossary_load")
        assert (result.status, result.exit_code) == ("failed", 2)
        assert result.reason.endswith("bad.tsv:3: 2 cells under 1 columns")
        assert not output(job_dir, "glossary_load", "").exists()

    def test_switched_off_it_is_skipped(self, film: Path, tmp_path: Path) -> None:
        job_dir = make_job(tmp_path, film, GLOSSARY_ENABLED="false")
        result = run_stage(job_dir, "glossary_load")
        assert (result.status, result.reason[:12]) == ("skipped", "switched off")
