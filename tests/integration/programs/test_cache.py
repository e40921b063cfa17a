#!/usr/bin/env python3
"""Tests of shared/pipeline/cache, reuse.py, sharing.py and tools/cache.py with real stages."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.core.paths import PROJECT_ROOT
from shared.core.sharing import share_file
from shared.pipeline.cache.cache import ResultCache
from shared.pipeline.job.output_file import describe_outputs
from shared.pipeline.job.record.manifest import Checkpoint
from tests.support.checkpoints import make_checkpoint
from tests.support.commands import Finished, assert_refused, run_script
from tests.support.jobs import make_film, make_job
from tests.support.web import film_database

MIB = 1 << 20
NOBODY = 65534


@pytest.fixture
def cache(tmp_path: Path) -> ResultCache:
    """An empty cache of one MiB."""
    return ResultCache(tmp_path / "cache", MIB, 1000.0)


def stored(cache: ResultCache, tmp_path: Path, content: bytes, name: str = "a.json") -> Checkpoint:
    """Store a result of stage demux with one file; return its record."""
    folder = tmp_path / f"stage-{time.time_ns()}"
    folder.mkdir(parents=True)
    (folder / name).write_bytes(content)
    inputs: dict[str, str | None] = {"job:x": str(time.time_ns())}
    record = make_checkpoint("demux", outputs=describe_outputs(folder), inputs=inputs)
    cache.store(record, folder)
    return record


def run(job_dir: Path, *options: str, last: str = "glossary_load") -> tuple[list[str], list[str]]:
    """Run a job up to a stage; return which stages started, and which were reused."""
    done = run_script("run-pipeline", "transcribe", job_dir, "--to", last, *options)
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in (job_dir / "events.jsonl").read_text().splitlines()]
    started = [e["stage"] for e in events if e["event"] == "start"]
    return started, [e["stage"] for e in events if e["event"] == "end" and e["reused_from"]]


def plan(job_dir: Path, *options: str) -> dict[str, str]:
    """Return what a run up to glossary_load would do, by stage."""
    selection = ("--to", "glossary_load", "--dry-run", "--json", *options)
    done = run_script("run-pipeline", "transcribe", job_dir, *selection)
    assert done.returncode == 0, done.stderr
    event, ending = map(json.loads, done.stdout.splitlines())
    assert ending["status"] == "planned"
    times = event["expected_seconds"]
    assert [times.get(s["stage"]) for s in event["steps"] if s["action"] == "cached"] == [
        0.0 for s in event["steps"] if s["action"] == "cached"
    ]
    return {step["stage"]: step["action"] for step in event["steps"]}


def state_of(folder: Path) -> set[tuple[str, int, int]]:
    """Return name, links and time of everything below a folder."""
    found = [(path, path.lstat()) for path in (folder, *folder.rglob("*"))]
    return {(str(path), status.st_nlink, status.st_mtime_ns) for path, status in found}


def tree_of(path: Path) -> dict[str, tuple[int, int, bytes]]:
    """Return mode, time and content of a file, or of each one below a folder."""
    files = [one for one in (path, *path.rglob("*")) if one.is_file()]
    stats = {str(one): one.stat() for one in files}
    return {n: (s.st_mode, s.st_mtime_ns, Path(n).read_bytes()) for n, s in stats.items()}


def use_tool(*arguments: str) -> Finished:
    """Run tools/cache.py."""
    return subprocess.run(
        [sys.executable, str(PROJECT_ROOT / "tools" / "cache.py"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.environments("whisperx")
def test_the_same_film_prepared_again_does_not_repeat_the_work(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CP_TMDB_ENABLED", "false")
    first = make_job(film)
    assert run(first) == (["demux", "tmdb", "glossary_load"], [])
    moved = tmp_path / film.name
    shutil.copy(film, moved)
    second = make_job(moved, workflow="translate", targets=("en",))
    assert second != first
    # The glossary is laid out for the languages of the job.
    assert run(second) == (["glossary_load"], ["demux", "tmdb"])
    sound = Path("01_demux") / "audio.wav"
    assert (second / sound).read_bytes() == (first / sound).read_bytes()
    # What was taken is the job's own: up to date, and an edit of it reaches no other job.
    assert run(second)[0] == ["glossary_load"]
    (second / sound).chmod(0o644)
    (second / sound).write_bytes(b"edited")
    assert (first / sound).read_bytes() != b"edited"
    assert run(make_job(film))[1] == ["demux", "tmdb", "glossary_load"]


def test_other_work_is_not_taken(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(make_job(film), last="demux")
    # Another film, another range, another parameter, and a stage that is forced.
    assert "demux" in run(make_job(make_film(tmp_path / film.name, 1.5)), last="demux")[0]
    assert "demux" in run(make_job(film, start="0.0", end="0.5"), last="demux")[0]
    forced = make_job(film)
    assert "demux" in run(forced, "--force", "demux", last="demux")[0]
    monkeypatch.setenv("CP_AUDIO_LOSS_TOLERANCE", "0.03")
    assert "demux" in run(make_job(film), last="demux")[0]
    monkeypatch.delenv("CP_AUDIO_LOSS_TOLERANCE")
    monkeypatch.setenv("CP_CACHE_MAX_GB", "0")
    assert "demux" in run(make_job(film), last="demux")[0]


def test_what_the_film_database_said_is_asked_again(
    film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with film_database() as address:
        monkeypatch.setenv("CP_TMDB_ENABLED", "true")
        monkeypatch.setenv("TMDB_API_KEY", "hush")
        monkeypatch.setenv("CP_TMDB_BASE_URL", address)
        assert run(make_job(film)) == (["demux", "tmdb", "glossary_load"], [])
        second = make_job(film)
        # Its answer may be another one: what reads it is in the plan as what it may have to do.
        assert plan(second) == {"demux": "cached", "tmdb": "run", "glossary_load": "run"}
        assert run(second) == (["tmdb"], ["demux", "glossary_load"])


def test_the_plan_says_what_comes_from_the_cache_and_touches_nothing(
    film: Path, output_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CP_TMDB_ENABLED", "false")
    run(make_job(film))
    second = make_job(film)
    before = state_of(output_root)
    assert plan(second) == dict.fromkeys(("demux", "tmdb", "glossary_load"), "cached")
    assert state_of(output_root) == before
    told = run_script("run-pipeline", "transcribe", second, "--to", "glossary_load")
    assert re.search(r"demux +from the cache: as in job \d+-tester-0001\n", told.stderr)
    assert "It will take about 0:00" in told.stderr
    assert plan(second)["demux"] == "keep"
    # A parameter that was set back: what it made before is still there.
    monkeypatch.setenv("CP_AUDIO_LOSS_TOLERANCE", "0.03")
    assert plan(second) == {"demux": "run", "tmdb": "skip", "glossary_load": "keep"}
    assert run(second)[0] == ["demux"]
    monkeypatch.delenv("CP_AUDIO_LOSS_TOLERANCE")
    assert plan(second) == {"demux": "cached", "tmdb": "skip", "glossary_load": "keep"}
    assert plan(second, "--force", "demux")["demux"] == "run"
    why = run_script("run-pipeline", "why", "demux", second).stdout
    assert why.startswith("demux will be taken from the cache, as in job ")
    assert why.endswith(":\n  AUDIO_LOSS_TOLERANCE: 0.03 -> 0.02\n")
    monkeypatch.setenv("CP_CACHE_MAX_GB", "0")
    assert plan(second)["demux"] == "run"


def test_the_plan_trusts_no_damaged_result_and_leaves_it(film: Path, output_root: Path) -> None:
    run(make_job(film), last="demux")
    (result,) = output_root.glob(".cache/results/demux/*.json")
    digest = json.loads(result.read_bytes())["outputs"]["audio.wav"]["sha256"]
    sound = output_root / ".cache" / "objects" / digest[:2] / digest
    sound.chmod(0o644)
    sound.write_bytes(b"x" + sound.read_bytes()[1:])
    second = make_job(film)
    (second / ".checkpoints").mkdir()
    (second / ".checkpoints" / "tmdb.json").write_text("{")
    before = state_of(output_root)
    assert plan(second)["demux"] == "run"
    text = result.read_text()
    result.write_text("{")
    assert plan(second)["demux"] == "run"
    result.write_text(text)
    assert {p for p, _, _ in state_of(output_root)} == {p for p, _, _ in before}
    assert run(second, last="demux") == (["demux"], [])


def test_a_result_made_without_a_model_that_may_be_fetched_is_not_promised(
    film: Path, output_root: Path
) -> None:
    run(make_job(film), last="demux")
    (result,) = output_root.glob(".cache/results/demux/*.json")
    record = json.loads(result.read_bytes())
    record["inputs"]["model:whisper/gone"] = None
    result.write_text(json.dumps(record))
    second = make_job(film)
    assert plan(second)["demux"] == "run"
    assert run(second, last="demux") == ([], ["demux"])


def test_a_damaged_content_is_never_used(film: Path, output_root: Path) -> None:
    run(make_job(film), last="demux")
    for path in (output_root / ".cache" / "objects").glob("??/*"):
        path.chmod(0o644)
        path.write_bytes(b"x" + path.read_bytes()[1:])
    assert run(make_job(film), last="demux") == (["demux"], [])


def test_a_cache_that_cannot_be_written_fails_no_run(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("CP_CACHE_DIR", str(tmp_path / "file" / "below"))
    job_dir = make_job(film)
    assert run(job_dir, last="demux")[0] == ["demux"]
    (log,) = (job_dir / "logs").glob("99_pipeline_*.log")
    assert "demux is not in the cache: Not a directory" in log.read_text(encoding="utf-8")


@pytest.mark.parametrize("place", [".lock", "objects", "results", "drafts", "results/demux"])
def test_a_cache_that_lies_elsewhere_by_a_link_is_left_alone(
    film: Path, tmp_path: Path, output_root: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    run(make_job(film), last="demux")
    cache_dir = output_root / ".cache"
    (cache_dir / "drafts" / "0-left").write_text("not ours")
    (cache_dir / "results" / "demux" / "abc.json").write_text("not ours")
    outside = tmp_path / "outside"
    (cache_dir / place).rename(outside)
    (cache_dir / place).symlink_to(outside)
    before = tree_of(outside)
    job_dir = make_job(film)
    assert run(job_dir, last="demux") == (["demux"], [])
    (log,) = (job_dir / "logs").glob("99_pipeline_*.log")
    assert "demux is not in the cache: a link" in log.read_text(encoding="utf-8")
    assert_refused(use_tool("prune", "--all"), 3, "a link where none belongs", "CACHE_DIR")
    assert tree_of(outside) == before


def test_a_linked_content_or_result_is_dropped_and_its_target_left_alone(
    film: Path, tmp_path: Path, output_root: Path
) -> None:
    run(make_job(film), last="demux")
    outside = tmp_path / "outside"
    outside.mkdir()
    for path in [*output_root.glob(".cache/objects/??/*"), *output_root.glob(".cache/results/*/*")]:
        path.rename(outside / path.name)
        path.symlink_to(outside / path.name)
    before = tree_of(outside)
    assert run(make_job(film), last="demux") == (["demux"], [])
    assert tree_of(outside) == before
    assert run(make_job(film), last="demux") == ([], ["demux"]), "kept anew, in files of its own"


def test_a_result_whose_record_points_elsewhere_removes_nothing(
    film: Path, tmp_path: Path, output_root: Path
) -> None:
    run(make_job(film), last="demux")
    precious = tmp_path / "precious"
    precious.write_text("mine")
    (result,) = output_root.glob(".cache/results/demux/*.json")
    record = json.loads(result.read_bytes())
    away = os.path.relpath(precious, output_root / ".cache" / "objects" / "..")
    for output in record["outputs"].values():
        output["sha256"] = "../" + away
    result.write_text(json.dumps(record))
    assert run(make_job(film), last="demux") == (["demux"], [])
    assert precious.read_text() == "mine"


def test_size_and_age_are_limits_and_the_longest_unused_goes_first(
    cache: ResultCache, tmp_path: Path
) -> None:
    half = MIB // 2
    for number in range(3):
        stored(cache, tmp_path, bytes([number]) * half)
    by_size = sorted(cache.entries(), key=lambda entry: entry.path.name)
    os.utime(by_size[0].path, (1, 1))
    pruned = cache.prune()
    assert (pruned.results, pruned.objects, pruned.freed) == (1, 1, half)
    assert by_size[0].path not in [entry.path for entry in cache.entries()]
    os.utime(by_size[1].path, (time.time() - 2000, time.time() - 2000))
    assert cache.prune().results == 1
    assert cache.size() == half
    assert cache.prune(everything=True).results == 1
    assert (cache.size(), cache.entries()) == (0, [])


def test_the_same_content_is_kept_once_and_too_much_not_at_all(
    cache: ResultCache, tmp_path: Path
) -> None:
    stored(cache, tmp_path, b"same")
    stored(cache, tmp_path, b"same")
    assert (len(cache.entries()), cache.size()) == (2, 4)
    stored(cache, tmp_path, b"x" * (MIB + 1))
    assert len(cache.entries()) == 2


def test_the_tool_lists_verifies_and_prunes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CP_CACHE_DIR", str(tmp_path / "cache"))
    cache = ResultCache(tmp_path / "cache", MIB, 1000.0)
    stored(cache, tmp_path, b"good")
    record = stored(cache, tmp_path, b"bad!")
    assert len(json.loads(use_tool("list", "--json").stdout)) == 2
    assert "2 results, 0.0 MB in " in use_tool("list").stdout
    assert use_tool("verify").returncode == 0
    sha256 = record.outputs["a.json"].sha256
    damaged = tmp_path / "cache" / "objects" / sha256[:2] / sha256
    damaged.chmod(0o644)
    damaged.write_bytes(b"BAD!")
    found = use_tool("verify")
    assert found.returncode == 1 and f"damaged: {damaged}" in found.stdout
    assert "1 result is whole" in found.stdout
    assert use_tool("prune", "--all").stdout.startswith("1 result and 1 file dropped")
    assert use_tool("list").stdout.endswith(f"0 results, 0.0 MB in {tmp_path / 'cache'}\n")


def test_the_tool_drops_what_is_damaged_and_leaves_what_is_not_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "cache"
    monkeypatch.setenv("CP_CACHE_DIR", str(folder))
    assert use_tool("verify").stdout == "0 results are whole\n" and not folder.exists()
    stored(ResultCache(folder, MIB, 1000.0), tmp_path, b"good")
    (record,) = (folder / "results").glob("*/*.json")
    cut, own_notes = record.with_name("ab" * 32 + ".json"), record.with_name("notes.json")
    for file in (cut, own_notes):
        file.write_text('{"stage": ')
    kept = folder / "objects" / "ab" / ("ab" * 32) / "inside.txt"
    drawings = folder / "drafts" / "drawing.odg"
    for file in (kept, drawings, folder / "objects" / "ab" / "letter.txt"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("a person's")
    found = use_tool("verify")
    assert found.returncode == 1 and "1 result is whole" in found.stdout
    assert f"damaged: {cut}\n" in found.stdout and not cut.exists()
    assert use_tool("prune", "--all").returncode == 0
    left = [own_notes, kept, drawings, folder / "objects" / "ab" / "letter.txt"]
    assert all(file.is_file() for file in left) and not record.exists()
    monkeypatch.setenv("CP_CACHE_DIR", str(own_notes))
    assert_refused(use_tool("list"), 3, f"{own_notes} is no folder", "CACHE_DIR")


def foreign_folder(folder: Path, kind: str) -> None:
    """Make a folder that is somebody's: documents, a repository, another program's cache."""
    if kind == "git":
        subprocess.run(["git", "init", "-q", str(folder)], check=True)
        (folder / "file.txt").write_text("text")
        for command in (
            ["add", "."],
            ["-c", "user.name=a", "-c", "user.email=b", "commit", "-qmx"],
        ):
            subprocess.run(["git", "-C", str(folder), *command], check=True)
        return
    (folder / "drafts").mkdir(parents=True)
    (folder / "drafts" / "novel.odt").write_text("chapter one")
    (folder / "objects" / "ab").mkdir(parents=True)
    (folder / "objects" / "ab" / ("ab" * 32)).write_text("a content of another program")
    (folder / "results" / "demux").mkdir(parents=True)
    (folder / "results" / "demux" / "ab.json").write_text("{}")
    if kind == "other cache":
        (folder / "CACHEDIR.TAG").write_text("Signature: 8a477f597d28d172789f06886806bc55\n")


@pytest.mark.parametrize("kind", ["documents", "git", "other cache"])
def test_a_folder_that_is_not_the_caches_own_is_never_touched(
    kind: str, film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "theirs"
    foreign_folder(folder, kind)
    monkeypatch.setenv("CP_CACHE_DIR", str(folder / ".git" if kind == "git" else folder))
    before = tree_of(folder)
    assert run(make_job(film), last="demux") == (["demux"], [])
    done = run_script("run-pipeline", "transcribe", make_job(film), "--to", "tmdb")
    assert done.returncode == 0
    assert done.stderr.count("no cache of this program") == 1, done.stderr
    for verb in (["list"], ["prune"], ["prune", "--all"], ["verify"]):
        assert_refused(use_tool(*verb), 3, "no cache of this program", "CACHE_DIR")
    assert tree_of(folder) == before


def test_many_runs_make_one_cache_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    folder.mkdir()  # made by hand, empty
    caches = [ResultCache(folder, MIB, 1000.0) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        kept = pool.map(lambda i: stored(caches[i], tmp_path / str(i), bytes([i]) * 9), range(8))
        assert len(list(kept)) == 8
    assert len(caches[0].entries()) == 8 and not caches[0].verify()


def test_what_a_newer_version_keeps_is_left_alone(cache: ResultCache, tmp_path: Path) -> None:
    later = stored(cache, tmp_path, b"of a later version")
    unknown = stored(cache, tmp_path, b"of a stage that only another checkout has")
    own = stored(cache, tmp_path, b"ours")
    paths = {e.record.inputs["job:x"]: e.path for e in cache.entries()}
    newer = paths[later.inputs["job:x"]]
    data = json.loads(newer.read_text())
    newer.write_text(json.dumps({**data, "schema_version": 2, "outputs": [data["outputs"]]}))
    other = paths[unknown.inputs["job:x"]]
    elsewhere = cache.folder / "results" / "colouring" / other.name
    elsewhere.parent.mkdir()
    other.rename(elsewhere)
    assert [e.record.inputs for e in cache.entries()] == [own.inputs]
    assert cache.verify() == [] and cache.prune().objects == 0
    assert cache.prune(everything=True).objects == 1
    assert newer.is_file() and elsewhere.is_file()
    contents = [p.read_bytes() for p in (cache.folder / "objects").glob("*/*")]
    assert sorted(contents) == [b"of a later version", b"of a stage that only another checkout has"]


def test_work_of_a_lower_rung_is_no_equal(cache: ResultCache, tmp_path: Path) -> None:
    folder = tmp_path / "stage"
    folder.mkdir()
    (folder / "a.json").write_bytes(b"{}")
    rung = {"rung": "cuda", "reason": "out of memory", "seconds": 1.0, "peak_memory_mb": 1.0}
    record = make_checkpoint("demux", outputs=describe_outputs(folder), inputs={})
    lower = Checkpoint.model_validate({**record.model_dump(), "rungs": [rung]})
    cache.store(lower, folder)
    assert not cache.entries()


def test_who_holds_the_lock_for_long_costs_a_warning(
    cache: ResultCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(cache, tmp_path, b"a")
    monkeypatch.setattr("shared.pipeline.cache.contents.LOCK_SECONDS", 0.2)
    with (cache.folder / ".lock").open() as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        with pytest.raises(OSError, match="holds its lock"):
            stored(cache, tmp_path, b"b")
        with pytest.raises(OSError, match="holds its lock"):
            cache.take(cache.entries()[0], tmp_path / "target")
    stored(cache, tmp_path, b"b")


def test_no_write_to_one_name_reaches_the_other(tmp_path: Path) -> None:
    source, target = tmp_path / "big.wav", tmp_path / "other.wav"
    source.write_bytes(b"x" * (2 * MIB))
    is_one_file = share_file(source, target)
    assert target.read_bytes() == source.read_bytes()
    if is_one_file:  # then nobody who runs this can write to it
        with pytest.raises(PermissionError):
            target.write_bytes(b"y")
    else:
        target.write_bytes(b"y")
    assert source.read_bytes() == b"x" * (2 * MIB)


def test_a_user_who_is_not_root_shares_media_safely_and_may_edit_the_rest() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                if os.geteuid() == 0:
                    os.setgid(NOBODY)
                    os.setuid(NOBODY)
                for suffix in (".wav", ".json"):
                    (folder / f"a{suffix}").write_bytes(b"x" * (2 * MIB))
                    share_file(folder / f"a{suffix}", folder / f"b{suffix}")
                test_no_write_to_one_name_reaches_the_other(folder)
                (folder / "b.json").write_bytes(b"y")
                code = 0
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert (folder / "a.json").read_bytes() == b"x" * (2 * MIB)
        big, other = (folder / name for name in ("a.wav", "b.wav"))
        assert big.read_bytes() == other.read_bytes()
        if big.stat().st_ino == other.stat().st_ino:
            assert not big.stat().st_mode & 0o222
