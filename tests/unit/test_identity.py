#!/usr/bin/env python3
"""Tests of shared/core/identity.py."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from shared.core.identity import MEDIA_MARK, media_identity, recorded_name, recorded_path
from shared.core.paths import PROJECT_ROOT

MIB = 1 << 20
JOB_DIR = Path("/jobs/2026/11/23/me/1")
PARTS = st.lists(
    st.text(st.characters(exclude_characters="/\0", codec="utf-8"), min_size=1, max_size=12).filter(
        lambda part: part not in {".", ".."}
    ),
    min_size=1,
    max_size=4,
)


@given(st.sampled_from([JOB_DIR, PROJECT_ROOT, Path("/elsewhere")]), PARTS)
def test_a_recorded_name_leads_back_to_the_file(base: Path, parts: list[str]) -> None:
    path = base.joinpath(*parts)
    assert recorded_path(recorded_name(path, JOB_DIR), JOB_DIR) == path


def test_names_say_where_a_file_lies() -> None:
    assert (
        recorded_name(JOB_DIR / "06_asr" / "segments.json", JOB_DIR) == "job:06_asr/segments.json"
    )
    assert recorded_name(PROJECT_ROOT / "glossary" / "a.tsv", JOB_DIR) == "project:glossary/a.tsv"
    assert recorded_name(Path("/films/a:b.mkv"), JOB_DIR) == "file:/films/a:b.mkv"
    assert recorded_path(MEDIA_MARK + "/films/a:b.mkv", JOB_DIR) == Path("/films/a:b.mkv")


def test_a_job_keeps_its_names_when_it_moves() -> None:
    name = recorded_name(JOB_DIR / "01_demux" / "audio.wav", JOB_DIR)
    assert recorded_path(name, Path("/moved")) == Path("/moved/01_demux/audio.wav")


def test_a_film_is_known_by_size_start_middle_and_end(tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    content = bytearray(8 * MIB)
    path.write_bytes(content)
    known = {media_identity(path)}
    for position in (0, len(content) // 2, len(content) - 1):
        changed = bytearray(content)
        changed[position] = 1
        path.write_bytes(changed)
        known.add(media_identity(path))
    path.write_bytes(content + b"\0")
    known.add(media_identity(path))
    assert len(known) == 5
    path.write_bytes(content)
    path.touch()
    assert media_identity(path) in known


def test_a_film_that_is_gone_has_no_identity(tmp_path: Path) -> None:
    assert media_identity(tmp_path / "gone.mkv") is None
    assert media_identity(tmp_path) is None
