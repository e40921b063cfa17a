#!/usr/bin/env python3
"""Tests of shared/pipeline/jobs/delivery.py: results beside the film, nobody's file overwritten."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.core.errors import InputError, UnavailableError
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.job import load_job
from shared.pipeline.job.output_file import describe_outputs
from shared.pipeline.jobs.delivery import BESIDE, check_folder, deliver, folder_of
from shared.pipeline.prepare.films import named_films
from shared.stage_order import STAGE_ORDER, get_stage_dir
from tests.support.checkpoints import make_checkpoint

STEM = "Tiny.Film.2020"
MADE = {
    "subtitle_generation": {
        f"{STEM}.en.srt": b"1\n",
        f"{STEM}.en.sdh.srt": b"2\n",
        f"{STEM}.en.vtt": b"3\n",
        "lint.json": b"{}",
    },
    "mux": {f"{STEM}.subtitled.mkv": b"film"},
    "export_transcript": {"transcript.txt": b"said\n", "transcript.json": b"{}"},
}
EXPECTED = {
    f"{STEM}.en.srt": b"1\n",
    f"{STEM}.en.sdh.srt": b"2\n",
    f"{STEM}.en.vtt": b"3\n",
    f"{STEM}.subtitled.mkv": b"film",
}


def made(job_dir: Path, **changed: bytes) -> Path:
    """Give a job results, as its stages write them; return it."""
    for stage, files in MADE.items():
        folder = job_dir / get_stage_dir(stage)
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(
                changed.get("subtitles", content) if ".en." in name else content
            )
        record = make_checkpoint(stage, outputs=describe_outputs(folder))
        CheckpointManager(job_dir).save_record(record)
    return job_dir


def for_workflow(job_dir: Path, workflow: str) -> None:
    """Make a job one of another workflow."""
    path = job_dir / "job.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"workflow": workflow}))


@pytest.fixture
def job(job_dir: Path) -> Path:
    """A job with results to deliver."""
    for_workflow(job_dir, "subtitle")
    return made(job_dir)


def files(folder: Path) -> dict[str, bytes]:
    """Return what a folder holds, hidden files too."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("stem", "called"),
    [
        ('-"Who?" <1>: a*b|c', '-"Who?" <1>: a*b|c'),
        ("....and Justice", "....and Justice"),
        (" Two  blanks.", " Two  blanks."),
        ("नमस्ते" * 13, ""),  # too long with what follows
    ],
)
def test_names_begin_as_the_films_letter_by_letter_so_that_players_find_them(
    job: Path, tmp_path: Path, stem: str, called: str
) -> None:
    film = tmp_path / f"{stem}.mkv"
    film.write_bytes(b"film")
    path = job / "job.json"
    data = json.loads(path.read_text())
    data["media"]["path"], data["file_name"] = str(film), stem
    path.write_text(json.dumps(data))
    safe = load_job(job).file_stem
    for stage in MADE:
        folder = job / get_stage_dir(stage)
        for file in sorted(folder.iterdir()):
            file.rename(file.with_name(file.name.replace(STEM, safe)))
        record = make_checkpoint(stage, outputs=describe_outputs(folder))
        CheckpointManager(job).save_record(record)
    deliver(job, tmp_path, STAGE_ORDER)
    assert tmp_path / f"{called or safe}.en.srt" in set(tmp_path.iterdir())
    if called:
        ours = tmp_path / f"{called}.subtitled.mkv"
        assert named_films([str(film), str(ours)]) == [str(film)], "ours is no other film"


@pytest.mark.parametrize("wanted", [BESIDE, "films"])
def test_a_folder_that_no_record_can_name_is_refused_before_the_work(
    job: Path, tmp_path: Path, wanted: str
) -> None:
    real = tmp_path / os.fsdecode(b"caf\xe9")
    real.mkdir()
    (tmp_path / "films").symlink_to(real)
    path = job / "job.json"
    data = json.loads(path.read_text())
    data["media"]["path"] = str(tmp_path / "films" / "film.mkv")
    path.write_text(json.dumps(data))
    folder = folder_of(wanted if wanted == BESIDE else str(tmp_path / wanted), load_job(job))
    assert folder is not None
    for ask in (lambda: check_folder(folder), lambda: deliver(job, folder, STAGE_ORDER)):
        with pytest.raises(UnavailableError, match="not a UTF-8 name"):
            ask()
    assert list(real.iterdir()) == []


def test_a_path_that_no_disk_has_is_the_jobs_fault(job: Path) -> None:
    path = job / "job.json"
    data = json.loads(path.read_text())
    data["media"]["path"] = "/films/a\0b.mkv"
    path.write_text(json.dumps(data))
    with pytest.raises(InputError, match="media.path"):
        load_job(job)


def test_results_lie_under_the_films_own_name_and_the_job_keeps_them(
    job: Path, tmp_path: Path
) -> None:
    place = tmp_path / "some where" / "new"
    check_folder(place)
    told = deliver(job, place, STAGE_ORDER)
    assert files(place) == EXPECTED
    assert {one.path.name for one in told} == set(EXPECTED) and all(one.is_new for one in told)
    assert told[-1].path.suffix == ".mkv"
    assert (job / "12_mux" / f"{STEM}.subtitled.mkv").read_bytes() == b"film"
    (place / f"{STEM}.en.srt").write_bytes(b"edited in place")
    assert (job / "11_subtitle_generation" / f"{STEM}.en.srt").read_bytes() == b"1\n"


def test_only_what_was_asked_for_is_delivered(job: Path, tmp_path: Path) -> None:
    place = tmp_path / "place"
    check_folder(place)
    deliver(job, place, ["mux"])
    assert set(files(place)) == {f"{STEM}.subtitled.mkv"}


def test_what_is_ours_is_replaced_and_what_is_not_stays(job: Path, tmp_path: Path) -> None:
    place = tmp_path / "place"
    check_folder(place)
    (place / f"{STEM}.en.srt").write_bytes(b"somebody's")
    (place / f"{STEM}.en.vtt").mkdir()
    (place / f"{STEM}.en.sdh.srt").symlink_to("nowhere")
    told = {one.source.name: one for one in deliver(job, place, STAGE_ORDER)}
    assert (place / f"{STEM}.en.srt").read_bytes() == b"somebody's"
    assert (place / f"{STEM}.2.en.srt").read_bytes() == b"1\n"
    assert told[f"{STEM}.en.srt"].beside == place / f"{STEM}.en.srt"
    assert (place / f"{STEM}.2.en.vtt").read_bytes() == b"3\n"
    assert (place / f"{STEM}.en.sdh.srt").is_symlink() and not (place / "nowhere").exists()

    again = deliver(job, place, STAGE_ORDER)
    assert not any(one.is_new for one in again)
    made(job, subtitles=b"anew\n")
    third = {one.source.name: one for one in deliver(job, place, STAGE_ORDER)}
    assert third[f"{STEM}.en.srt"].path == place / f"{STEM}.2.en.srt"
    assert (place / f"{STEM}.2.en.srt").read_bytes() == b"anew\n"

    (place / f"{STEM}.2.en.srt").write_bytes(b"mended by a person\n")
    made(job, subtitles=b"once more\n")
    deliver(job, place, STAGE_ORDER)
    assert (place / f"{STEM}.2.en.srt").read_bytes() == b"mended by a person\n"
    assert (place / f"{STEM}.3.en.srt").read_bytes() == b"once more\n"
    assert not [name for name in os.listdir(place) if name.startswith(".")]


def test_another_job_of_the_same_film_knows_what_is_ours(job: Path, tmp_path: Path) -> None:
    place = tmp_path / "place"
    check_folder(place)
    deliver(job, place, STAGE_ORDER)
    other = job.with_name("2")
    shutil.copytree(job, other)
    (other / ".checkpoints" / "delivered.json").unlink()
    made(other, subtitles=b"better\n")
    deliver(other, place, STAGE_ORDER)
    assert (place / f"{STEM}.en.srt").read_bytes() == b"better\n"
    assert set(files(place)) == set(EXPECTED)


def test_whoever_of_a_films_jobs_delivered_last_it_stays_ours(job: Path, tmp_path: Path) -> None:
    place = tmp_path / "place"
    check_folder(place)
    for number in ("10", "2", "3", job.name):
        one = job.with_name(number)
        if one != job:
            shutil.copytree(job, one)
        made(one, subtitles=number.encode())
        deliver(one, place, STAGE_ORDER)
    made(job.with_name("2"), subtitles=b"once more\n")
    deliver(job.with_name("2"), place, STAGE_ORDER)
    assert set(files(place)) == set(EXPECTED)
    assert (place / f"{STEM}.en.srt").read_bytes() == b"once more\n"


def killed_at(moment: str, job: Path, place: Path) -> None:
    """Deliver in a process that is killed where the first file gets its name."""
    process = os.fork()
    if not process:
        link, replace = os.link, os.replace

        def then_die(rename: Callable[[Path, Path], None]) -> Callable[[Path, Path], None]:
            def renamed(source: Path, target: Path) -> None:
                is_ours_to_watch = Path(target).parent == place
                if moment != "before" or not is_ours_to_watch:
                    rename(source, target)
                if is_ours_to_watch:
                    os.kill(os.getpid(), signal.SIGKILL)

            return renamed

        os.link = then_die(link)  # type: ignore[assignment]
        os.replace = then_die(replace)
        if moment != "after, by link":
            os.link = lambda *names: os.close(-1)  # type: ignore[assignment]
        try:
            deliver(job, place, STAGE_ORDER)
        finally:
            os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(process, 0)[1])


@pytest.mark.parametrize("moment", ["before", "after", "after, by link"])
@pytest.mark.parametrize("was_delivered", [False, True])
def test_who_is_killed_while_a_file_is_placed_knows_it_again(
    job: Path, tmp_path: Path, moment: str, was_delivered: bool
) -> None:
    place = tmp_path / "place"
    check_folder(place)
    if was_delivered:
        deliver(job, place, STAGE_ORDER)
        made(job, subtitles=b"anew\n")
    killed_at("after" if was_delivered and moment != "before" else moment, job, place)
    made(job, subtitles=b"once more\n")
    deliver(job, place, STAGE_ORDER)
    there = {name for name in files(place) if not name.startswith(".")}
    assert there == set(EXPECTED)
    assert (place / f"{STEM}.en.sdh.srt").read_bytes() == b"once more\n"


def test_what_was_about_to_be_placed_is_ours_only_if_it_was(
    job: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "place"
    check_folder(place)

    def first_come(draft: Path, target: Path) -> None:
        if target.name == f"{STEM}.en.srt":
            target.write_bytes(b"1\n")  # what somebody else has copied from the job
        link(draft, target)

    link = os.link
    monkeypatch.setattr(os, "link", first_come)
    deliver(job, place, STAGE_ORDER)
    monkeypatch.undo()
    made(job, subtitles=b"anew\n")
    deliver(job, place, STAGE_ORDER)
    assert (place / f"{STEM}.en.srt").read_bytes() == b"1\n"
    assert (place / f"{STEM}.2.en.srt").read_bytes() == b"anew\n"


def test_a_file_that_goes_while_it_is_looked_at_leaves_its_name_free(
    job: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "place"
    check_folder(place)
    (place / f"{STEM}.en.srt").write_bytes(b"somebody's")
    is_link = Path.is_symlink

    def gone(path: Path) -> bool:
        if path.name == f"{STEM}.en.srt" and path.parent == place:
            path.unlink(missing_ok=True)
        return is_link(path)

    monkeypatch.setattr(Path, "is_symlink", gone)
    deliver(job, place, STAGE_ORDER)
    assert (place / f"{STEM}.en.srt").read_bytes() == b"1\n"


@pytest.mark.parametrize("record", [b"", b"[]", b'{"x": 1}', b"\xff"])
def test_a_damaged_record_makes_nothing_ours(job: Path, tmp_path: Path, record: bytes) -> None:
    place = tmp_path / "place"
    check_folder(place)
    deliver(job, place, STAGE_ORDER)
    (job / ".checkpoints" / "delivered.json").write_bytes(record)
    made(job, subtitles=b"anew\n")
    deliver(job, place, STAGE_ORDER)
    assert (place / f"{STEM}.en.srt").read_bytes() == b"1\n"
    assert (place / f"{STEM}.2.en.srt").read_bytes() == b"anew\n"


def test_a_record_that_somebody_made_takes_nobodys_file(job: Path, tmp_path: Path) -> None:
    place = tmp_path / "place"
    check_folder(place)
    theirs = place / f"{STEM}.en.srt"
    theirs.write_bytes(b"somebody's")
    facts = {"size": 10, "sha256": hashlib.sha256(b"somebody's").hexdigest()}
    for seal in ({}, {"seal": {str(theirs): "0" * 64}}, {"seal": "x"}):
        forged = json.dumps({str(theirs): facts | seal})
        (job / ".checkpoints" / "delivered.json").write_text(forged)
        deliver(job, place, STAGE_ORDER)
        assert theirs.read_bytes() == b"somebody's"


def test_the_same_folder_in_another_spelling_holds_what_is_ours(job: Path, tmp_path: Path) -> None:
    place, link = tmp_path / "place", tmp_path / "link"
    check_folder(place)
    link.symlink_to(place)
    deliver(job, link, STAGE_ORDER)
    made(job, subtitles=b"anew\n")
    deliver(job, tmp_path / "place" / ".." / "place", STAGE_ORDER)
    assert set(files(place)) == set(EXPECTED)


def test_nothing_is_delivered_from_behind_a_link(job: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / f"{STEM}.en.srt").write_bytes(b"SECRET")
    folder = job / "11_subtitle_generation"
    shutil.copytree(tmp_path / "secret", folder / "sub")
    record = make_checkpoint("subtitle_generation", outputs=describe_outputs(folder))
    CheckpointManager(job).save_record(record)
    shutil.rmtree(folder / "sub")
    (folder / "sub").symlink_to(tmp_path / "secret")
    check_folder(tmp_path / "place")
    deliver(job, tmp_path / "place", STAGE_ORDER)
    assert b"SECRET" not in files(tmp_path / "place").values()


def test_a_file_saved_while_ours_is_copied_stays(
    job: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "place"
    check_folder(place)
    deliver(job, place, ["mux"])
    target = place / f"{STEM}.subtitled.mkv"
    (job / "12_mux" / target.name).write_bytes(b"another film")
    record = make_checkpoint("mux", outputs=describe_outputs(job / "12_mux"))
    CheckpointManager(job).save_record(record)
    copy = shutil.copyfile

    def slowly(source: Path, draft: Path) -> None:
        copy(source, draft)
        target.write_bytes(b"a person's own")

    monkeypatch.setattr(shutil, "copyfile", slowly)
    deliver(job, place, ["mux"])
    assert target.read_bytes() == b"a person's own"
    assert (place / f"{STEM}.2.subtitled.mkv").read_bytes() == b"another film"


def test_what_a_killed_program_left_goes_after_a_day(tmp_path: Path) -> None:
    old, new, other = (tmp_path / f".cp-whisperx-{name}" for name in ("0" * 16, "1" * 16, "mine"))
    for path in (old, new, other):
        path.write_bytes(b"x")
    for path in (old, other):
        os.utime(path, (1e9, 1e9))
    check_folder(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([new.name, other.name])


@pytest.mark.parametrize("has_second_names", [True, False])
def test_a_name_that_could_not_be_given_holds_nothing(
    job: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_second_names: bool
) -> None:
    place = tmp_path / "place"
    check_folder(place)

    def refuse(*names: object, **options: object) -> None:
        raise OSError(errno.ENOSPC if has_second_names else errno.EPERM, "no")

    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(os, "replace", refuse)  # Path.replace asks it
    with pytest.raises(UnavailableError, match="cannot be delivered"):
        deliver(job, place, STAGE_ORDER)
    assert files(place) == {}
    monkeypatch.undo()
    deliver(job, place, STAGE_ORDER)
    assert files(place) == EXPECTED


def test_many_deliver_at_once_and_nobody_overwrites(job: Path, tmp_path: Path) -> None:
    place = tmp_path / "place"
    check_folder(place)
    others = []
    for number in range(2, 8):
        shutil.copytree(job, job.with_name(str(number)))
        others.append(made(job.with_name(str(number)), subtitles=b"%d\n" % number))
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda one: deliver(one, place, ["subtitle_generation"]), others))
    held = [content for name, content in files(place).items() if name.endswith("en.srt")]
    assert set(held) <= {b"%d\n" % number for number in range(2, 8)} and held
    assert not [name for name in os.listdir(place) if name.startswith(".")]


def test_a_transcript_is_delivered_where_it_is_the_result(job: Path, tmp_path: Path) -> None:
    for_workflow(job, "transcribe")
    check_folder(tmp_path / "place")
    deliver(job, tmp_path / "place", ["export_transcript"])
    assert files(tmp_path / "place") == {f"{STEM}.transcript.txt": b"said\n"}


def test_a_place_that_cannot_be_had_is_told(job: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    for place, cause in (
        ("file", "file is no folder"),
        ("file/in it", "file is no folder"),
        ("link", "link is a link that leads nowhere"),
        ("link/in it", "link is a link that leads nowhere"),
    ):
        with pytest.raises(UnavailableError, match=f"cannot be delivered .*{cause}"):
            check_folder(tmp_path / place)
    with pytest.raises(UnavailableError, match="cannot be delivered"):
        deliver(job, tmp_path / "gone", STAGE_ORDER)


def test_where_results_go(job: Path, tmp_path: Path) -> None:
    one = load_job(job)
    assert folder_of("", one) is None
    assert folder_of(BESIDE, one) == Path(one.media.path).parent
    assert folder_of(str(tmp_path), one) == tmp_path
