#!/usr/bin/env python3
"""Tests of a batch on a cluster: workers without a shared folder, killed, cut off, leaving."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from pathlib import Path

import pytest

from shared.core.paths import SPEECH_FIXTURES_DIR
from tests.support.batches import Night, make_old, run_batch
from tests.support.clusters import Cluster, Namespaces, until, why_no_namespaces
from tests.support.kills import processes_below

pytestmark = [
    pytest.mark.integration,
    pytest.mark.environments("batch", "demucs", "pyannote", "whisperx"),
]
OPTIONS = ("-w", "transcribe", "-s", "en", "--to", "asr", "--set", "WHISPER_MODEL=base")
STAGES = 6
CUT_SECONDS = 60.0
NO_NAMESPACES = why_no_namespaces()


@pytest.fixture(autouse=True)
def own_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep jobs apart, ask no service, watch no film."""
    monkeypatch.setenv("CP_OUTPUT_ROOT", str(tmp_path / "home" / "out"))
    monkeypatch.setenv("CP_BATCH_STILL_SECONDS", "0")
    monkeypatch.setenv("CP_TMDB_ENABLED", "false")


def make_films(folder: Path, count: int) -> Path:
    """Make films of recorded speech; return their folder."""
    folder.mkdir(parents=True)
    for number in range(1, count + 1):
        film = folder / f"{number}.mkv"
        picture = ("-f", "lavfi", "-i", "testsrc=s=64x48:r=24:d=6")
        sound = ("-i", str(SPEECH_FIXTURES_DIR / f"en-{number:02d}.opus"))
        made = ("-c:v", "mpeg4", "-c:a", "aac", "-shortest", str(film))
        subprocess.run(["ffmpeg", "-v", "error", *picture, *sound, *made], check=True)
        make_old(film)
    return folder


def assert_done_once(night: Night, place: Path, films: int) -> None:
    """Assert that every film is done, and each of its stages was published once."""
    assert (night.code, set(night.states().values())) == (0, {"done"}), night.errors
    ends = [(one["film"], one["stage"]) for one in night.events if one["event"] == "end"]
    assert len(ends) == len(set(ends)) == films * STAGES
    for film in night.films.values():
        texts = json.loads((Path(film["job"]) / "06_asr" / "segments.json").read_text("utf-8"))
        assert texts["segments"]
        assert not (Path(film["job"]) / ".scratch").exists()
    assert not list(place.glob("worker-*/jobs/*"))


def test_two_workers_in_two_folders_do_what_one_machine_would_and_a_killed_one_is_not_missed(
    tmp_path: Path,
) -> None:
    films = make_films(tmp_path / "home" / "films", 2)
    with Cluster(tmp_path) as cluster:
        cluster.start_worker("one")
        cluster.start_worker("two")

        def kill() -> None:
            until(lambda: cluster.is_working("one") or cluster.is_working("two"))
            victim = "one" if cluster.is_working("one") else "two"
            cluster.kill(victim)
            killed.append(victim)

        killed: list[str] = []
        killer = threading.Thread(target=kill, daemon=True)
        killer.start()
        night = run_batch(films, *OPTIONS, "--scheduler", cluster.address)
        killer.join()
        left = ({"one", "two"} - set(killed)).pop()
        assert cluster.drain(left) == 0 and "leaves" in cluster.told(left)
        (tmp_path / f"worker-{killed[0]}" / "jobs").rename(tmp_path / "left by the killed one")
        assert_done_once(night, tmp_path, films=2)
        again = run_batch(films, *OPTIONS, "--again")
        assert {film["reason"] for film in again.films.values()} == {"nothing was to be done"}
        night = run_batch(
            films, *OPTIONS, "--again", "--set", "ASR_BEAM_SIZE=1", "--scheduler", cluster.address
        )
        assert night.code == 3 and "No worker of the cluster can do it: " in night.errors
        assert "asr wants the same code, environment whisperx, model whisper/base" in night.errors
    assert not processes_below(tmp_path)


@pytest.mark.skipif(bool(NO_NAMESPACES), reason=NO_NAMESPACES or "none")
def test_workers_of_other_machines_one_killed_and_one_cut_off_for_a_minute_do_each_film_once(
    tmp_path: Path,
) -> None:
    films = make_films(tmp_path / "home" / "films", 5)
    with Namespaces(["one", "two"]) as spaces:
        with Cluster(tmp_path, spaces.home(), spaces.host) as cluster:
            for name in ("one", "two"):
                cluster.start_worker(name, spaces.worker(name, tmp_path / "home"))

            def trouble() -> None:
                until(lambda: cluster.is_working("one") and cluster.is_working("two"))
                cluster.kill("one")
                until(lambda: cluster.is_working("two"))
                spaces.cut("two")
                time.sleep(CUT_SECONDS)
                spaces.mend("two")
                mended.append("two")

            mended: list[str] = []
            troubles = threading.Thread(target=trouble, daemon=True)
            troubles.start()
            options = (*OPTIONS, "--scheduler", cluster.address)
            night = run_batch(films, *options, before=spaces.home())
            troubles.join()
            assert mended and "is away" in cluster.told("two")
            assert cluster.drain("two") == 0
            (tmp_path / "worker-one" / "jobs").rename(tmp_path / "left by the killed one")
            assert_done_once(night, tmp_path, films=5)
