#!/usr/bin/env python3
"""What README and docs/CONFIGURATION.md tell people to type is taken by the commands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from shared.commands.options import run_parser
from shared.config import load_config
from shared.core.paths import PROJECT_ROOT
from tools.documentation.wishes import WISHES, wishes_table

SETTING = re.compile(r"--set ([A-Z_0-9]+)=([^\s`…]+)")
README = (PROJECT_ROOT / "README.md").read_text("utf-8")
TOLD = sorted({*SETTING.findall(README), *SETTING.findall(wishes_table())} - {("KEY", "VALUE")})
# Stand for a name of the reader's.
PLACEHOLDERS = {"NAME", "ADDRESS", "FILE.gguf", "/other/disk"}
PLACES = sorted({*re.findall(r"`[^`]*?((?:tools|docs|glossary)/[\w.]+)", README)})


@pytest.mark.parametrize(("key", "value"), TOLD)
def test_every_setting_that_is_told_is_one(
    key: str, value: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    value = str(tmp_path) if value in PLACEHOLDERS else value
    monkeypatch.setenv(f"CP_{key}", value)
    assert hasattr(load_config(), key.lower())


@pytest.mark.parametrize("typed", [typed for _, typed, _ in WISHES])
def test_every_wish_can_be_typed(typed: str) -> None:
    arguments = run_parser().parse_intermixed_args(["subtitle", "FILE", *shlex.split(typed)])
    assert arguments.targets == ["FILE"]


@pytest.mark.parametrize("place", PLACES)
def test_every_file_that_readme_names_is_there(place: str) -> None:
    assert (PROJECT_ROOT / place).exists()


def test_the_page_begins_with_what_people_want() -> None:
    page = (PROJECT_ROOT / "docs" / "CONFIGURATION.md").read_text("utf-8")
    assert page.startswith("# Configuration\n\n## I want …\n")
    for wish, typed, _ in WISHES:
        assert f"| {wish} | `{typed}` |" in page
