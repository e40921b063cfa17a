#!/usr/bin/env python3
"""
Offline: with no network at all and only packaged weights, the main job still ends in subtitles.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from shared.core.paths import PROJECT_ROOT, SPEECH_FIXTURES_DIR
from shared.transcript.records.schemas import Translation
from tests.support.media import ffmpeg, numbered_picture

pytestmark = pytest.mark.integration

# A network of its own without any connection, not even to this machine.
NO_NETWORK = ("unshare", "--map-root-user", "--net")


def without_network(*command: str | Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a command where no network is, with nothing in the caches of a home folder."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "TORCH_", "XDG_"))}
    return subprocess.run(
        [*NO_NETWORK, *map(str, command)],
        cwd=PROJECT_ROOT,
        env=kept | {"HOME": str(home), "CP_OUTPUT_ROOT": str(home / "out")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home; the test is left out where no network can be taken away."""
    if not shutil.which("unshare") or without_network("true", home=tmp_path).returncode:
        pytest.skip("this machine does not let a user make a network namespace")
    return tmp_path


def test_the_main_job_ends_in_subtitles_without_a_network(home: Path) -> None:
    film = home / "Strom (2026).mkv"
    inputs = [part for n in (1, 2) for part in ("-i", SPEECH_FIXTURES_DIR / f"de-0{n}.opus")]
    sound = ("-filter_complex", "[1:a][2:a]concat=n=2:v=0:a=1[a]", "-map", "0:v", "-map", "[a]")
    ffmpeg(*numbered_picture(30), *inputs, *sound, "-c:a", "flac", "-shortest", film)
    done = without_network("./run-pipeline.sh", "subtitle", film, "-s", "de", "-t", "en", home=home)
    assert done.returncode == 0, done.stderr
    (job_file,) = (home / "out").rglob("job.json")
    for language in ("de", "en"):
        (subtitles,) = job_file.parent.glob(f"11_*/*.{language}.srt")
        assert "-->" in subtitles.read_text(encoding="utf-8")
    assert list(job_file.parent.glob("12_mux/*.mkv"))
    (path,) = job_file.parent.glob("10_translation/*_en.json")
    made = Translation.model_validate_json(path.read_bytes())
    assert made.engine == "whisper base"
    assert any(line.status == "translated" for line in made.lines)
