#!/usr/bin/env python3
"""Tests of the rooms: every module lies in one, and no import runs upwards."""

from __future__ import annotations

import ast
import functools
from collections import Counter
from pathlib import Path

import pytest

from shared.core.paths import PROJECT_ROOT

# Lowest first: a room imports itself and what stands above it in this list, nothing else.
LAYERS = (
    "shared.core",
    "shared.config",
    "shared.hardware_detection",
    "shared.environment_manager",
    "shared.stage_order",
    "shared.logger",
    "shared.services",
    "shared.models",
    "shared.transcript.records",
    "shared.transcript.languages",
    "shared.transcript.sound",
    "shared.transcript.recognition",
    "shared.transcript.writing",
    "shared.glossary",
    "shared.glossary_manager",
    "shared.translation",
    "shared.subtitles.base",
    "shared.subtitles.layout",
    "shared.subtitles.shaping",
    "shared.subtitles.sdh",
    "shared.subtitles.reading",
    "shared.subtitles.files",
    "shared.subtitles.from_text",
    "shared.subtitles.checking",
    "shared.subtitles.cleaning",
    "shared.media",
    "shared.pipeline.job",
    "shared.pipeline.jobs",
    "shared.pipeline.cache",
    "shared.pipeline.plan",
    "shared.pipeline.prepare",
    "shared.pipeline.stage",
    "shared.pipeline.run",
    "shared.pipeline.batch",
    "shared.stage_utils",
    "shared.observability",
    "shared.report",
    "shared.doctor",
    "shared.health",
    "shared.desk",
    "shared.commands",
    "scripts.runtime",
    "scripts.writing",
    "scripts.film",
    "scripts.sound",
    "scripts.speech",
    "scripts.whisper",
    "scripts.alignment",
    "scripts.translators",
    "scripts",
    "tools",
)
# The standards want this engine beside the stages; by what it does it belongs to its room.
PLACED = {"scripts.whisperx_integration": "scripts.whisper"}
MOST_IN_A_FOLDER = 16
# 300 is where a module is asked why; a few lines more part nothing that belongs together.
MOST_LINES = 330
# One table: every setting with its documentation.
LONG = {"shared.core.settings"}
# One table a language; tools are a drawer, not a room.
LANGUAGE_TABLES = ("shared/subtitles/sdh/sound_labels", "shared/subtitles/layout/line_rules")


def module_name(path: Path, root: Path = PROJECT_ROOT) -> str:
    """Return the dotted name of a module file."""
    name = ".".join(path.relative_to(root).with_suffix("").parts)
    return name.removesuffix(".__init__")


MODULES = {
    module_name(path): path
    for folder in ("shared", "scripts", "tools")
    for path in sorted((PROJECT_ROOT / folder).rglob("*.py"))
}


def room_of(name: str) -> str:
    """Return the room of a module: the longest layer that its name begins with."""
    if name in PLACED:
        return PLACED[name]
    found = [room for room in LAYERS if name == room or name.startswith(f"{room}.")]
    return max(found, key=len, default="")


def imported(tree: ast.Module) -> set[str]:
    """Return the project's modules that a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                found.add(full if full in MODULES else node.module)
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    return {name for name in found if name in MODULES}


def upward(name: str, others: set[str]) -> list[str]:
    """Return the imports of a module that run upwards."""
    own = LAYERS.index(room_of(name))
    return [
        f"{name} imports {other}"
        for other in sorted(others)
        if room_of(other) and LAYERS.index(room_of(other)) > own
    ]


@functools.cache
def imports_of(name: str) -> set[str]:
    """Return what a module imports of the project, read once for all that is asked of it."""
    return imported(ast.parse(MODULES[name].read_text(encoding="utf-8")))


def test_every_module_lies_in_a_room() -> None:
    empty = {"shared", "shared.pipeline", "shared.subtitles", "shared.transcript"}
    unplaced = [name for name in MODULES if not room_of(name) and name not in empty]
    assert not unplaced


def test_no_module_is_long() -> None:
    lines = {name: path.read_text("utf-8").count("\n") for name, path in MODULES.items()}
    assert {name for name, count in lines.items() if count > MOST_LINES} == LONG


def test_every_folder_of_modules_is_a_package() -> None:
    """So mypy calls each module by one name whatever its settings, as the standards' own (12.2)."""
    folders = {path.parent for path in MODULES.values()}
    assert {folder for folder in folders if not (folder / "__init__.py").is_file()} == set()


def test_no_import_runs_upwards() -> None:
    arrows = [
        arrow for name in MODULES if room_of(name) for arrow in upward(name, imports_of(name))
    ]
    assert not arrows


@pytest.mark.parametrize(
    "line",
    [
        "from shared.subtitles.checking.lint import lint",
        "import shared.pipeline.run.run",
        "def late():\n    from shared.stage_utils import StageIO",
        "from shared.pipeline.job import job",
    ],
)
def test_an_import_that_runs_upwards_is_found(line: str) -> None:
    assert upward("shared.glossary.table", imported(ast.parse(line)))


def test_no_two_modules_import_each_other() -> None:
    imports = {name: imports_of(name) for name in MODULES}
    pairs = [f"{a} and {b}" for a in imports for b in imports[a] if a < b and a in imports[b]]
    assert not pairs


def test_no_folder_is_a_heap() -> None:
    counts = Counter(
        path.parent.relative_to(PROJECT_ROOT).as_posix()
        for path in MODULES.values()
        if path.name != "__init__.py"
    )
    heaps = {
        folder: count
        for folder, count in counts.items()
        if count > MOST_IN_A_FOLDER
        and folder not in LANGUAGE_TABLES
        and not folder.startswith("tools")
    }
    assert not heaps
