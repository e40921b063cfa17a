#!/usr/bin/env python3
"""Tests of shared/pipeline/cache/index.py: whatever becomes of the index, the records are found."""

from __future__ import annotations

import errno
import hashlib
import json
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.core.files import write_json
from shared.pipeline.cache.entry import describe_result, read_entry
from shared.pipeline.cache.index import INDEX, OURS, Described, ResultIndex
from shared.pipeline.job.record.shape import inputs_key
from tests.support.checkpoints import make_checkpoint

MANY = 400
SHAPE = ("job:01_demux/audio.wav", "media:")


def digest(text: str) -> str:
    """Return 64 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def put_result(folder: Path, film: str, number: int = 0) -> Path:
    """Write the record of a result that was made from a film's sound."""
    inputs = {"job:01_demux/audio.wav": digest(film), f"media:/films/{film}.mkv": digest(film)}
    inputs["model:whisper/base"] = digest("model")
    record = make_checkpoint("asr", inputs=inputs, environment_lock=None, warnings=["x" * 2000])
    path = folder / "results" / "asr" / f"{digest(f'{film} {number}')}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, record.model_dump(mode="json"))
    return path


def made_of(film: str) -> Callable[[object], str]:
    """Return what a job with this film asks for."""
    return lambda names: inputs_key(dict.fromkeys(SHAPE, digest(film)))


def candidates(folder: Path, film: str, writes: bool = True) -> list[Path]:
    """Return what is found for a film."""
    found = ResultIndex(folder, describe_result).candidates("asr", made_of(film), writes)
    assert all(read_entry(path) is not None for path in found)
    return found


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache of thirty results, three of each film, the last one used last."""
    for film in range(10):
        for number in range(3):
            path = put_result(tmp_path, f"film{film}", number)
            os.utime(path, (1e9 + number, 1e9 + number))
    return tmp_path


def expected(cache: Path, film: str) -> list[Path]:
    """Return the results of a film, the last used first."""
    return [cache / "results" / "asr" / f"{digest(f'{film} {n}')}.json" for n in (2, 1, 0)]


def test_results_are_found_by_what_they_were_made_from(cache: Path) -> None:
    for _ in range(2):
        assert candidates(cache, "film3") == expected(cache, "film3")
        assert candidates(cache, "unknown") == []
    assert (cache / INDEX).is_file()


def test_what_anybody_adds_or_removes_is_noticed(cache: Path) -> None:
    assert candidates(cache, "film3")
    added = put_result(cache, "new")
    assert candidates(cache, "new") == [added]
    put_result(cache, "film9", 7).replace(added)  # another record under the same name
    assert candidates(cache, "new") == [] and added in candidates(cache, "film9")
    for path in expected(cache, "film3"):
        path.unlink()
    assert candidates(cache, "film3") == []


def damage(cache: Path, how: str) -> None:
    """Do something to the index."""
    index = cache / INDEX
    content = index.read_bytes()
    if how == "lost":
        index.unlink()
    elif how == "zeros":
        index.write_bytes(b"\0" * len(content))
    elif how == "text":
        index.write_bytes(b"no database " * 999)
    elif how == "pages":
        index.write_bytes(content[:4096] + os.urandom(len(content) - 4096))
    elif how == "journal":
        index.with_name(INDEX + "-journal").write_bytes(os.urandom(5000))
    elif how == "folder":
        index.unlink()
        index.mkdir()
    else:
        index.write_bytes(content[: int(len(content) * float(how))])


@pytest.mark.parametrize("writes", [True, False])
@pytest.mark.parametrize(
    "how", ["lost", "zeros", "text", "pages", "journal", "folder", "0.0", "0.1", "0.5", "0.9"]
)
def test_a_lost_or_damaged_index_is_made_anew(cache: Path, how: str, writes: bool) -> None:
    assert candidates(cache, "film3")
    damage(cache, how)
    for film in ("film3", "film9"):
        assert candidates(cache, film, writes) == expected(cache, film)
    added = put_result(cache, "new")
    assert candidates(cache, "new") == [added]


def test_a_record_that_cannot_be_read_now_is_read_again_and_nothing_is_dropped_for_it(
    cache: Path,
) -> None:
    lost, *others = expected(cache, "film3")

    def disturbed(path: Path) -> Described | None:
        if path == lost:
            raise OSError(errno.EIO, "Input/output error", str(path))
        return describe_result(path)

    index = ResultIndex(cache, disturbed)
    assert index.candidates("asr", made_of("film3"), True) == others
    with pytest.raises(OSError, match="Input/output"):
        index.all_results()
    assert candidates(cache, "film3") == expected(cache, "film3")


def test_a_plan_writes_nothing(cache: Path) -> None:
    assert candidates(cache, "film3", writes=False) == expected(cache, "film3")
    assert not (cache / INDEX).exists()
    assert candidates(cache, "film3")
    before = {p: p.stat().st_mtime_ns for p in cache.rglob("*")}
    added = put_result(cache, "new")
    assert candidates(cache, "new", writes=False) == [added]
    assert {p: p.stat().st_mtime_ns for p in before if p.name == INDEX} == {
        cache / INDEX: before[cache / INDEX]
    }


def test_a_link_in_the_place_of_the_index_is_left_alone(cache: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("precious")
    (cache / INDEX).symlink_to(outside)
    assert candidates(cache, "film3") == expected(cache, "film3")
    assert outside.read_text() == "precious"


def add_for_ever(folder: Path, own: int) -> None:
    """Add results and look for them, until killed."""
    for number in range(10**6):
        put_result(folder, f"film of {own}", number)
        candidates(folder, f"film of {own}")


@pytest.mark.slow
def test_two_at_once_and_kills_at_any_moment_lose_nothing(tmp_path: Path) -> None:
    start = multiprocessing.get_context("fork")
    for moment in (0.05, 0.1, 0.2, 0.3, 0.4):
        both = [start.Process(target=add_for_ever, args=(tmp_path, own)) for own in (1, 2)]
        for process in both:
            process.start()
        time.sleep(moment)
        for process in both:
            os.kill(process.pid or 0, signal.SIGKILL)
            process.join()
        for own in (1, 2):
            known = {
                path
                for path in (tmp_path / "results" / "asr").glob("*.json")
                if f"film of {own}.mkv" in path.read_text()
            }
            assert set(candidates(tmp_path, f"film of {own}")) == known
            assert set(candidates(tmp_path, f"film of {own}", writes=False)) == known


def test_one_of_many_is_found_in_a_fraction_of_reading_them(tmp_path: Path) -> None:
    for number in range(MANY):
        put_result(tmp_path, f"film{number}")
    index = ResultIndex(tmp_path, describe_result)
    began = time.process_time()
    assert len(index.candidates("asr", made_of("film77"), writes=True)) == 1
    made = time.process_time() - began
    times = []
    for _ in range(3):
        began = time.process_time()
        assert len(index.candidates("asr", made_of("film78"), writes=True)) == 1
        times.append(time.process_time() - began)
    found = min(times)
    assert found < made / 8, f"{found:.3f} s of {made:.3f} s"
    kept = index.all_results()
    assert len(kept) == MANY and {one.kind for one in kept} == {OURS}
    assert json.dumps(kept[0].contents) == "{}"
