#!/usr/bin/env python3
"""Tests of tools/list_licences.py and docs/LICENCES.md: each package of a lock has its licence."""

from __future__ import annotations

import ast
import re
from importlib.metadata import distribution
from pathlib import Path

import pytest

from shared.core.paths import PROJECT_ROOT
from tools.list_licences import PAGE, ROW, differences, licence_of, locked_packages

TEXT = PAGE.read_text(encoding="utf-8")
LISTED = {name: licence for name, licence, _ in ROW.findall(TEXT.partition("|---|---|---|\n")[2])}
# Licences that ask for more than a notice: each has its decision above the table.
COPYLEFT = re.compile(r"GPL|EUPL|SSPL|CDDL")
# Under two licences, of which the other may be chosen, or of a part that is not called.
CHOSEN = re.compile(r" OR |BSD|Public Domain")
# The one file that may import it, for each package under the GPL or AGPL.
KEPT_APART = {
    "tmdbsimple": "scripts/film/tmdb_integration.py",
    "aksharamukha": "scripts/writing/xlit_integration.py",
    "pykakasi": "",
}


def test_the_page_is_that_of_the_locks() -> None:
    packages = locked_packages()
    assert len(packages) > 200
    assert differences(TEXT, packages) == []


def test_a_package_without_a_row_is_found_and_so_is_a_row_without_a_package() -> None:
    packages = locked_packages()
    one = packages.pop("requests")
    assert differences(TEXT, packages) == ["requests is in no lock"]
    packages |= {"requests": one, "brand-new": one}
    assert differences(TEXT, packages) == ["brand-new has no row"]
    del packages["brand-new"]
    one.environments.add("elsewhere")
    assert "elsewhere" in differences(TEXT, packages)[0]


@pytest.mark.parametrize(
    ("package", "licence"),
    [("requests", "Apache-2.0"), ("tmdbsimple", "GPL-3.0"), ("pysubs2", "MIT"), ("numpy", "BSD")],
)
def test_a_licence_is_read_wherever_a_package_tells_it(package: str, licence: str) -> None:
    assert licence in licence_of(distribution(package))


def test_what_asks_for_more_than_a_notice_is_decided() -> None:
    strict = {
        name
        for name, licence in LISTED.items()
        if COPYLEFT.search(licence) and not CHOSEN.search(licence)
    }
    decided = TEXT.partition("<!-- table -->")[0]
    assert strict >= KEPT_APART.keys()
    assert [name for name in strict if not re.search(rf"\b{name}\b", decided)] == []


def importers(package: str) -> set[str]:
    """Return the files of the project that import a package, wherever in them."""
    found = set()
    for folder in ("scripts", "shared", "tools"):
        for path in (PROJECT_ROOT / folder).rglob("*.py"):
            if package in path.read_text("utf-8") and imports(path, package):
                found.add(path.relative_to(PROJECT_ROOT).as_posix())
    return found


def imports(path: Path, package: str) -> bool:
    """Return whether a file imports a package."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if any(name.split(".")[0] == package for name in names):
            return True
    return False


@pytest.mark.parametrize(("package", "file"), KEPT_APART.items())
def test_what_is_under_the_gpl_stays_in_one_process(package: str, file: str) -> None:
    assert importers(package) == ({file} if file else set())
