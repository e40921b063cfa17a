#!/usr/bin/env python3
"""Tests of shared/pipeline/batch/films/finding.py: which files of a folder a batch looks at."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from shared.core.errors import InputError
from shared.pipeline.batch.films.finding import find_candidates


def touch(folder: Path, *names: str) -> None:
    """Make files, with their folders."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def found(folder: Path, *targets: str, recursive: bool = False) -> dict[str, str]:
    """Return why each file that was found is passed over, by its name in the folder."""
    named = [str(folder / one) for one in targets or (".",)]
    candidates = find_candidates(named, [], recursive, folder / "out")
    return {str(one.path.relative_to(folder)): one.passed_over for one in candidates}


def looked_at(folder: Path, *targets: str, recursive: bool = False) -> list[str]:
    """Return the names of the files that are looked at."""
    return [name for name, why in found(folder, *targets, recursive=recursive).items() if not why]


def test_a_folder_is_its_files_whatever_they_are_called_and_not_its_folders(tmp_path: Path) -> None:
    touch(tmp_path, "a.mkv", "no suffix", "film.xyz", "deeper/b.mkv")
    assert looked_at(tmp_path) == ["a.mkv", "film.xyz", "no suffix"]
    assert "deeper/b.mkv" in looked_at(tmp_path, recursive=True)


def test_hidden_files_samples_extras_and_what_lies_beside_films_is_passed_over(
    tmp_path: Path,
) -> None:
    touch(tmp_path, "Film.mkv", ".hidden.mkv", "._Film.mkv", "Film.srt", "Film.nfo", "Film.jpg")
    touch(tmp_path, "sample.mkv", "Film-sample.mkv", "Film.trailer.mp4", "Film-behindthescenes.mkv")
    touch(tmp_path, "Film.cp.env", "new.mkv.part", "@eaDir/Film.mkv", "Extras/making of.mkv")
    touch(tmp_path, "Season 1/Trailers/t.mkv", "Season 1/e1.mkv", ".Trash/x.mkv")
    touch(tmp_path, "Sampler (2019).mkv", "The Trailer Park.mkv", "Extraordinary/Film.mkv")
    assert looked_at(tmp_path, recursive=True) == [
        "Film.mkv",
        "Sampler (2019).mkv",
        "The Trailer Park.mkv",
        "Extraordinary/Film.mkv",
        "Season 1/e1.mkv",
    ]
    reasons = found(tmp_path, recursive=True)
    assert reasons["new.mkv.part"] == "still being copied, its name says"
    assert reasons["Film.srt"] == "no film"
    assert "sample" in reasons["Film-sample.mkv"] and "samples" in reasons["Extras"]
    assert not any(name.startswith((".", "@")) for name in reasons)


def test_what_is_named_is_looked_at_whatever_it_is_called(tmp_path: Path) -> None:
    touch(tmp_path, "sample.mkv", ".hidden.mkv", "Film.txt")
    names = ["sample.mkv", ".hidden.mkv", "Film.txt"]
    assert looked_at(tmp_path, *names) == names


def test_links_are_followed_once_and_a_ring_of_them_ends(tmp_path: Path) -> None:
    touch(tmp_path, "films/a.mkv", "elsewhere/b.mkv")
    (tmp_path / "films/more").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere/back").symlink_to(tmp_path / "films")
    (tmp_path / "films/lost.mkv").symlink_to("nowhere")
    assert looked_at(tmp_path, "films", recursive=True) == [
        "films/a.mkv",
        "films/lost.mkv",
        "films/more/b.mkv",
    ]


def test_jobs_and_what_they_made_are_no_films(tmp_path: Path) -> None:
    touch(tmp_path, "Film.mkv", "Film.subtitled.mkv", "Other.subtitled.mkv", "Film.2.subtitled.mp4")
    touch(tmp_path, "Other.nfo", "Other.jpg")  # of a film of that name, which is not there
    touch(tmp_path, "out/2026/11/30/me/1/12_mux/Film.mkv", "my job/job.json", "my job/12_mux/F.mkv")
    assert looked_at(tmp_path, recursive=True) == ["Film.mkv", "Other.subtitled.mkv"]
    with pytest.raises(InputError, match="is a job, not a folder of films"):
        found(tmp_path, "my job")


def test_a_disc_is_told_of_and_not_taken_apart(tmp_path: Path) -> None:
    touch(tmp_path, "Film/VIDEO_TS/VTS_01_1.VOB", "Other/BDMV/STREAM/0.m2ts")
    reasons = found(tmp_path, recursive=True)
    assert {name: "disc" in why for name, why in reasons.items()} == {
        "Film/VIDEO_TS": True,
        "Other/BDMV": True,
    }


def test_patterns_and_lists_name_films_each_once(tmp_path: Path) -> None:
    touch(tmp_path, "a [1].mkv", "b.mkv", "c.avi")
    (tmp_path / "list.txt").write_text("# tonight\nb.mkv\nc.avi\n")
    assert looked_at(tmp_path, "a [1].mkv", "*.mkv") == ["a [1].mkv", "b.mkv"]
    candidates = find_candidates(
        [f"@{tmp_path}/list.txt"], [str(tmp_path / "list.txt")], False, tmp_path
    )
    assert [one.path.name for one in candidates] == ["b.mkv", "c.avi"]


@pytest.mark.parametrize("target", ["*.xyz", "nowhere", "nowhere/film.mkv", " "])
def test_what_stands_for_nothing_is_refused(tmp_path: Path, target: str) -> None:
    with pytest.raises(InputError):
        find_candidates(
            [target if not target.strip() else f"{tmp_path}/{target}"], [], False, tmp_path
        )


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every folder")
def test_a_folder_that_cannot_be_read_is_told_of_and_the_others_are_read(tmp_path: Path) -> None:
    touch(tmp_path, "closed/a.mkv", "open/b.mkv")
    (tmp_path / "closed").chmod(0)
    reasons = found(tmp_path, recursive=True)
    (tmp_path / "closed").chmod(0o700)
    assert "cannot be read" in reasons["closed"] and reasons["open/b.mkv"] == ""
