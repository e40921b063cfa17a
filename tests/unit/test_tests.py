#!/usr/bin/env python3
"""Tests of the tests: each one asserts something, by itself or by a helper that is named so."""

from __future__ import annotations

import ast

from shared.core.paths import PROJECT_ROOT

HELPERS = ("assert_", "raises", "warns")


def assertless(text: str) -> list[str]:
    """Return the names of a file's tests that can fail in no way but by a crash."""
    return [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("test_")
        and not any(asserts(inner) for inner in ast.walk(node))
    ]


def asserts(node: ast.AST) -> bool:
    """Return whether a statement asserts or a call is named as what does."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        return name.startswith(HELPERS)
    return isinstance(node, ast.Assert)


def test_every_test_asserts() -> None:
    files = sorted((PROJECT_ROOT / "tests").rglob("test_*.py"))
    found = {str(path): assertless(path.read_text(encoding="utf-8")) for path in files}
    assert len(files) > 100 and {path: names for path, names in found.items() if names} == {}


def test_a_test_that_only_calls_is_found() -> None:
    plain = "def test_a():\n    read(path)\n"
    guarded = "def test_b():\n    with pytest.raises(E):\n        read()\n"
    assert assertless(plain + guarded) == ["test_a"]
    assert assertless("class T:\n    def test_c(self):\n        assert_told(1)\n") == []
