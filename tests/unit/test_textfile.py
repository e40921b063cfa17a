#!/usr/bin/env python3
"""Tests of shared/observability/metrics/textfile.py: counts in a file that many runs add to."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from shared.core.errors import InputError
from shared.core.paths import PROJECT_ROOT
from shared.observability.metrics.instruments import Instruments
from shared.observability.metrics.textfile import FILE_NAME, add_to_textfile, textfile

ADD = """
import sys
from pathlib import Path
from shared.observability.metrics.instruments import Instruments
from shared.observability.metrics.textfile import add_to_textfile
for _ in range(int(sys.argv[2])):
    one = Instruments()
    one.stages_completed.labels(stage="asr", status="success").inc()
    one.stage_duration.labels(stage="asr").observe(7.5)
    add_to_textfile(Path(sys.argv[1]), one.registry)
"""


def samples(path: Path) -> dict[tuple[str, str], float]:
    """Return values by name and labels, as Prometheus reads them."""
    text = path.read_text(encoding="utf-8")
    return {
        (sample.name, ",".join(f"{k}={v}" for k, v in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def one_run(path: Path, seconds: float, memory: float = 1.0) -> None:
    """Add a run of one stage."""
    one = Instruments()
    one.stages_completed.labels(stage="mux", status="success").inc()
    one.stage_duration.labels(stage="mux").observe(seconds)
    one.stage_peak_memory.labels(stage="mux").set(memory)
    add_to_textfile(path, one.registry)


def test_counters_add_up_and_gauges_are_the_last(tmp_path: Path) -> None:
    path = tmp_path / "new" / "film.prom"
    one_run(path, 2.0, memory=5.0)
    one_run(path, 400.0, memory=3.0)
    found = samples(path)
    assert found["pipeline_stages_completed_total", "stage=mux,status=success"] == 2
    assert found["pipeline_stage_duration_seconds_sum", "stage=mux"] == 402.0
    assert found["pipeline_stage_duration_seconds_bucket", "le=5.0,stage=mux"] == 1
    assert found["pipeline_stage_duration_seconds_bucket", "le=600.0,stage=mux"] == 2
    assert found["pipeline_stage_duration_seconds_count", "stage=mux"] == 2
    assert found["pipeline_stage_peak_memory_bytes", "stage=mux"] == 3.0


@pytest.mark.slow
def test_runs_at_the_same_time_lose_nothing_and_no_reader_sees_half_a_file(tmp_path: Path) -> None:
    path, times = tmp_path / "film.prom", 20
    command = [sys.executable, "-c", ADD, str(path), str(times)]
    runs = [subprocess.Popen(command, cwd=PROJECT_ROOT) for _ in range(4)]
    ended = threading.Event()
    broken: list[str] = []

    def read() -> None:
        while not ended.is_set():
            text = path.read_text(encoding="utf-8") if path.exists() else ""
            # The last metric of the file; node_exporter reads at any moment.
            if text and not text.endswith("\n"):
                broken.append(text[-80:])
            if text and "pipeline_uncovered_seconds_total" not in text:
                broken.append(text[-80:])

    reader = threading.Thread(target=read)
    reader.start()
    codes = [run.wait() for run in runs]
    ended.set()
    reader.join()
    assert codes == [0] * 4 and broken == []
    found = samples(path)
    assert found["pipeline_stages_completed_total", "stage=asr,status=success"] == 4 * times
    assert found["pipeline_stage_duration_seconds_sum", "stage=asr"] == 4 * times * 7.5
    assert [one.name for one in tmp_path.iterdir() if one.suffix == ".prom"] == ["film.prom"]


@pytest.mark.parametrize(
    "content",
    [
        b"# HELP pipeline_x \xff\xfe",
        b"pipeline_x{",
        b"# TYPE pipeline_x counter\npipeline_x_total nonsense\n",
        b"\0",
    ],
)
def test_a_damaged_file_begins_anew(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "film.prom"
    path.write_bytes(content)
    one_run(path, 1.0)
    found = samples(path)
    assert found["pipeline_stages_completed_total", "stage=mux,status=success"] == 1


def test_another_programs_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "backup.prom"
    path.write_text("backup_last_success 12\n")
    with pytest.raises(InputError, match="backup_last_success"):
        one_run(path, 1.0)
    assert path.read_text() == "backup_last_success 12\n"


@pytest.mark.parametrize(
    "content",
    [b"# my notes\n", b"DEVICE=cuda\nLOG_LEVEL=info\n", b"\x1aE\xdf\xa3", bytes(9 << 20)],
    ids=["notes", "settings", "film", "large"],
)
def test_a_file_that_holds_no_metrics_stays(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine"
    path.write_bytes(content)
    with pytest.raises(InputError, match="mine holds something else"):
        one_run(path, 1.0)
    assert path.read_bytes() == content


def test_a_lock_that_is_no_file_holds_nobody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".film.prom.lock")
    run = [sys.executable, "-c", ADD, str(tmp_path / "film.prom"), "1"]
    subprocess.run(run, cwd=PROJECT_ROOT, timeout=30, check=True)
    assert samples(tmp_path / "film.prom")


def test_the_collector_may_read_it(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        one_run(tmp_path / "film.prom", 1.0)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "film.prom").stat().st_mode) == 0o644


def test_a_folder_gets_a_file_of_our_name(tmp_path: Path) -> None:
    assert textfile(str(tmp_path)) == tmp_path / FILE_NAME
    assert textfile(str(tmp_path / "mine.prom")) == tmp_path / "mine.prom"
    assert textfile("out/metrics.prom") == PROJECT_ROOT / "out" / "metrics.prom"
