#!/usr/bin/env python3
"""Tests of tools/models.py as a user starts it, and of the identity of models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shared.core.identity import model_identity
from tests.support.commands import assert_refused, run_command


def test_a_model_is_listed_found_or_refused_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    listed = run_command("python3", "tools/models.py", "list", "whisper", "--json")
    rows = {row["name"]: row for row in json.loads(listed.stdout)}
    assert rows["large-v3"]["size_mb"] == 3090
    path = run_command("python3", "tools/models.py", "path", "whisper", str(tmp_path / "none"))
    assert_refused(path, 2, "No such folder")
    missing = run_command("python3", "tools/models.py", "path", "nllb", "nobody/nothing")
    assert_refused(missing, 3, "not on this machine", "models.py fetch nllb nobody/nothing")


def test_a_model_that_moves_keeps_its_identity(tmp_path: Path) -> None:
    for name in ("cache", "models", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.bin").write_bytes(b"weights of " + name[:1].encode() * 9)
    (tmp_path / "models" / "model.bin").write_bytes((tmp_path / "cache/model.bin").read_bytes())
    (tmp_path / "cache" / "README.md").write_text("more than the weights" * 99)
    cached, moved, other = (model_identity(tmp_path / n) for n in ("cache", "models", "other"))
    assert cached == moved is not None and other not in {None, cached}
    # What tells how the weights are read makes results as they do.
    known = {cached}
    for name in ("config.json", "tokenizer.json", "vocab.txt", "spiece.model"):
        (tmp_path / "cache" / name).write_text("{}")
        known.add(model_identity(tmp_path / "cache"))
    (tmp_path / "cache" / "tokenizer.json").write_text("{ }")
    known.add(model_identity(tmp_path / "cache"))
    assert len(known) == 6
    for name in ("LICENSE.txt", "requirements.txt", "picture.png", ".hidden.json"):
        (tmp_path / "cache" / name).write_text("for people")
        assert model_identity(tmp_path / "cache") in known
    assert model_identity(None) is model_identity(tmp_path / "gone") is None
