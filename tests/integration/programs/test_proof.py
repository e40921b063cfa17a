#!/usr/bin/env python3
"""Tests of tools/bootstrap/proof.py: probes that work, fail, hang or print rubbish."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest

from tests.support.commands import HANG_SECONDS
from tools.bootstrap.proof import Proof, prove

GOOD = {"ok": True, "engine": "x", "device": "cpu", "seconds": 0.1, "detail": "heard it"}


def run(folder: Path, body: str, timeout: float = HANG_SECONDS) -> Proof:
    """Run a program as the probe of an environment."""
    probe = folder / "probe.py"
    probe.write_text("import json, os, sys, time\n" + body)
    return prove("llm", Path(sys.executable), probe, "cpu", {"PATH": os.environ["PATH"]}, timeout)


def test_a_probe_that_works_has_proved_it(tmp_path: Path) -> None:
    proof = run(tmp_path, f"print('a library talks'); print({json.dumps(json.dumps(GOOD))})")
    assert (proof.ok, proof.engine, proof.detail, proof.command) == (True, "x", "heard it", "")


def test_a_probe_gets_the_device_and_asks_no_hub(tmp_path: Path) -> None:
    body = (
        "d = ' '.join([*sys.argv[1:], os.environ['HF_HUB_OFFLINE']])\n"
        "print(json.dumps({'ok': True, 'detail': d}))"
    )
    assert run(tmp_path, body).detail == "--device cpu 1"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("print(json.dumps({'ok': False, 'detail': 'no GPU'})); sys.exit(1)", "no GPU"),
        ("raise ImportError('no libcudnn')", "exit code 1: ImportError: no libcudnn"),
        ("print('hello')", "exit code 0: hello"),
        ("print('[1, 2]')", "exit code 0: [1, 2]"),
        ("print('{\"ok\": true}')", "exit code 0"),
        ("", "it said nothing"),
        ("os.kill(os.getpid(), 11)", "exit code -11"),
    ],
)
def test_a_probe_that_does_not_work_is_told_with_the_command(
    tmp_path: Path, body: str, words: str
) -> None:
    proof = run(tmp_path, body)
    assert not proof.ok
    assert words in proof.detail
    assert proof.command == "./bootstrap.sh --env llm --force"


def test_a_probe_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    child = f"time.sleep(2); open({str(marker)!r}, 'w')"
    body = (
        "import subprocess\n"
        f"subprocess.Popen([sys.executable, '-c', 'import time; ' + {child!r}])\n"
        "time.sleep(600)"
    )
    begun = time.monotonic()
    proof = run(tmp_path, body, timeout=1.0)
    assert time.monotonic() - begun < HANG_SECONDS
    assert not proof.ok and proof.detail == "its probe took longer than 1 s"
    time.sleep(2.5)
    assert not marker.exists()


def test_an_environment_without_python_is_told(tmp_path: Path) -> None:
    proof = prove("llm", tmp_path / "none", tmp_path / "probe.py", "cpu", {})
    assert not proof.ok and "cannot be run" in proof.detail
