#!/usr/bin/env python3
"""Tests of what is told to who has named nothing: a command that his shell and ours take."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from shared.commands.first_steps import next_command
from shared.commands.options import run_parser


def told(workflow: str, folder: Path) -> list[str]:
    """Return the words of the command as a shell takes them."""
    return shlex.split(next_command(workflow, folder).partition("; ")[0])


@pytest.mark.parametrize("name", ['A film; it\'s "mine" $(date).mkv', "-x.mp4", "फ़िल्म.mkv"])
def test_a_film_that_is_there_is_named(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for one in (name, "notes.txt", ".gitkeep"):
        (folder / one).touch()
    words = told("transcribe", folder) if ";" not in name else None
    words = words or shlex.split(next_command("transcribe", folder))
    assert words[:3] == ["./run-pipeline.sh", "transcribe", f"in/{name}"]
    assert run_parser().parse_intermixed_args(words[1:]).targets == [f"in/{name}"]


def test_without_one_the_demo_is_named(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        assert run_parser().parse_intermixed_args(told("subtitle", folder)[1:]).targets
        assert "./run-pipeline.sh demo" in next_command("subtitle", folder)
