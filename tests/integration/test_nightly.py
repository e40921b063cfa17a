#!/usr/bin/env python3
"""Test of tools/examples/nightly.sh: five films of a list, each of which ends in its own way."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from shared.core.paths import PROJECT_ROOT
from tests.integration.conftest import FinishedJob
from tests.support.commands import HANG_SECONDS, in_environment
from tests.support.media import ffmpeg

pytestmark = pytest.mark.integration
NIGHTLY = PROJECT_ROOT / "tools" / "examples" / "nightly.sh"
# Those of the finished job.
OPTIONS = ("-s", "auto", "-t", "en", "--set", "ASR_MULTILINGUAL=true")
GOOD, SILENT = 'It\'s "good" 🎬 [1].mkv', "मौन.mkv"


@pytest.fixture
def films(finished_job: FinishedJob, tmp_path: Path) -> Path:
    """A folder with four of the five films and their list, and the jobs of before in out/."""
    shutil.copytree(finished_job.job_dir.parents[4], tmp_path / "out")
    folder = tmp_path / "my films"
    folder.mkdir()
    done = finished_job.film.path
    shutil.copy2(done, folder)
    shutil.copy2(done, folder / GOOD)  # under this name it is a film that was never done
    picture = ("-f", "lavfi", "-i", "testsrc=s=64x48:r=25:d=2")
    silence = ("-f", "lavfi", "-i", "anullsrc=r=16000:d=2")
    ffmpeg(*picture, *silence, "-c:v", "mpeg4", "-c:a", "aac", "-shortest", folder / SILENT)
    (folder / "broken.mkv").write_text("no film")
    names = ["# tonight", "missing.mkv", "", "broken.mkv", done.name, f"  {SILENT} ", GOOD]
    (folder / "list.txt").write_bytes("\r\n".join(names).encode("utf-8-sig"))
    return folder


def without_jq(folder: Path) -> str:
    """Return a PATH on which everything is but jq."""
    folder.mkdir()
    for place in os.environ["PATH"].split(os.pathsep):
        for name in os.listdir(place) if os.path.isdir(place) else ():
            if name != "jq" and not (folder / name).is_symlink():
                (folder / name).symlink_to(Path(place, name).resolve())
    return str(folder)


def run(films: Path, **variables: str) -> tuple[int, dict[str, list[str]]]:
    """Run the script as cron does; return its exit code and the fields of its lines by film."""
    settings = {"OUTPUT_ROOT": str(films.parent / "out"), "LOG_FORMAT": "json"}
    done = subprocess.run(
        [str(NIGHTLY), str(films / "list.txt"), *OPTIONS],
        cwd="/",
        env=os.environ | in_environment(settings) | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=5 * HANG_SECONDS,
    )
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    return done.returncode, {Path(fields[2]).name: fields for fields in lines}


def test_its_lines_and_its_code_tell_which_is_which(
    films: Path, finished_job: FinishedJob, tmp_path: Path
) -> None:
    done = finished_job.film.path.name
    code, told = run(films)
    assert code == 2
    assert {name: fields[:2] for name, fields in told.items()} == {
        "missing.mkv": ["failed", "2"],
        "broken.mkv": ["failed", "2"],
        done: ["nothing to do", "0"],
        SILENT: ["no speech", "0"],
        GOOD: ["done", "0"],
    }
    assert "No such file" in told["missing.mkv"][3] and "media file" in told["broken.mkv"][3]
    assert "en" in told[GOOD][3].split() and "en" in told[done][3].split()
    for film in (done, GOOD):
        stem = Path(film).stem
        assert (films / f"{stem}.en.srt").stat().st_size > 0
        assert (films / f"{stem}.subtitled.mkv").stat().st_size > 0
    again, same = run(films, PATH=without_jq(tmp_path / "bin"))
    assert again == 2
    assert [same[name][0] for name in (done, SILENT, GOOD)] == ["nothing to do"] * 3
    assert same["broken.mkv"] == told["broken.mkv"] and same[done] == told[done]


def test_its_help_and_its_refusal_say_how_it_is_used() -> None:
    for arguments, code in (((), 2), (("--help",), 0)):
        done = subprocess.run([str(NIGHTLY), *arguments], capture_output=True, text=True)
        assert done.returncode == code and "nightly.sh LIST" in done.stdout
