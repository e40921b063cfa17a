#!/usr/bin/env python3
"""
Proof: runs an environment's probe, so that its engine is known to work, not only to lie there.

A probe is tools/probes/<env>.py, run by the Python of its environment. Whatever it does (hang,
crash, print rubbish), what comes back is one Proof.

Usage:
    from tools.bootstrap.proof import prove

    proof = prove("whisperx", manager.python("whisperx"), probe_file, "cpu", environment)
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# Importing torch and pyannote takes half a minute on a busy machine with a cold disk.
PROBE_SECONDS = 240.0
ASK_NO_HUB = {"HF_HUB_OFFLINE": "1", "PYTHONNOUSERSITE": "1", "PYTHONUTF8": "1"}
MOST_CHARACTERS = 200


@dataclass(frozen=True)
class Proof:
    """What came of an environment's probe."""

    name: str
    ok: bool
    engine: str
    device: str
    seconds: float
    detail: str
    command: str


def prove(
    env: str,
    python: Path,
    probe: Path,
    device: str,
    environment: Mapping[str, str],
    timeout: float = PROBE_SECONDS,
) -> Proof:
    """Run a probe to its end, or to the end of its time.

    Args:
        env: The environment's name.
        python: The Python program of the environment.
        probe: The program.
        device: cpu, cuda or mps: where the engine must work.
        environment: The variables of the process.
        timeout: Longest run in seconds; then it is killed with all that it started.

    Returns:
        What the probe said, in one line.
    """
    begun = time.monotonic()
    repair = f"./bootstrap.sh --env {env} --force"
    try:
        code, output, errors = _run(
            [str(python), str(probe), "--device", device], {**environment, **ASK_NO_HUB}, timeout
        )
        answer = _answer(output)
        if answer is None:
            last = (errors.strip() or output.strip()).splitlines()[-1:] or ["it said nothing"]
            answer = {"detail": f"its probe ended with exit code {code}: {last[0]}"}
    except subprocess.TimeoutExpired:
        answer = {"detail": f"its probe took longer than {timeout:.0f} s"}
    except OSError as error:
        answer = {"detail": f"its probe cannot be run: {error.strerror}"}
    ok = answer.get("ok") is True
    return Proof(
        name=env,
        ok=ok,
        engine=str(answer.get("engine", "")),
        device=str(answer.get("device", device)),
        seconds=round(time.monotonic() - begun, 2),
        detail=str(answer["detail"])[:MOST_CHARACTERS],
        command="" if ok else repair,
    )


def _run(
    command: list[str], environment: Mapping[str, str], timeout: float
) -> tuple[int, str, str]:
    """Run a program in a session of its own; return its exit code, output and messages."""
    with subprocess.Popen(
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            output, errors = process.communicate(timeout=timeout)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise
    return process.returncode, output, errors


def _answer(output: str) -> dict[str, object] | None:
    """Return the JSON object that a probe's last line must be, None when it is something else."""
    try:
        answer = json.loads(output.splitlines()[-1])
    except (ValueError, IndexError):
        return None
    return answer if isinstance(answer, dict) and isinstance(answer.get("detail"), str) else None
