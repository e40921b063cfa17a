#!/usr/bin/env python3
"""Backup and restore: what is backed up comes back whole, into an empty folder, and only so."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import pytest

from shared.core.paths import PROJECT_ROOT
from tests.support.commands import assert_refused

pytestmark = pytest.mark.skipif(shutil.which("gpg") is None, reason="gpg is not installed")
SECRET = "a-key-that-nobody-sees"
JOB = Path("out") / "2026" / "01" / "01" / "me" / "1"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with settings, a secret, a glossary, and a job with work half done."""
    monkeypatch.delenv("CP_OUTPUT_ROOT")  # its jobs lie in its own out
    monkeypatch.delenv("CP_CONFIG", raising=False)
    root = tmp_path / "checkout"
    for folder in ("tools", "config", "glossary", JOB / ".scratch", JOB / "06_asr", "out/.cache"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for name in ("backup.sh", "restore.sh"):
        shutil.copy2(PROJECT_ROOT / "tools" / name, root / "tools")
    secrets = root / "config" / "secrets.json"
    secrets.write_text(SECRET)
    secrets.chmod(0o600)
    (root / "glossary" / "terms.tsv").write_text("source\tpreferred\nयार\tmate\n")
    (root / JOB / "06_asr" / "segments.json").write_text("{}")
    (root / JOB / ".scratch" / "half.wav").touch()
    (root / "out" / ".cache" / "object").touch()
    return root


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A file with a passphrase that only its owner may read."""
    path = tmp_path / "key"
    path.write_text("correct horse battery staple\n")
    path.chmod(0o600)
    return path


def use(checkout: Path, tool: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a tool of the checkout."""
    return subprocess.run(
        [str(checkout / "tools" / tool), *map(str, arguments)],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def contents(root: Path, *folders: str) -> dict[str, tuple[bytes, int]]:
    """Return content and mode of every file in some folders."""
    files = [p for folder in folders for p in (root / folder).rglob("*") if p.is_file()]
    return {str(p.relative_to(root)): (p.read_bytes(), p.stat().st_mode) for p in files}


def test_a_backup_comes_back_whole_into_an_empty_folder(
    checkout: Path, key: Path, tmp_path: Path
) -> None:
    store, back = tmp_path / "store", tmp_path / "back"
    made = use(checkout, "backup.sh", "--to", store, "--passphrase-file", key, "--outputs")
    assert made.returncode == 0, made.stderr
    backup = Path(made.stdout.strip())
    assert SECRET.encode() not in backup.read_bytes()
    assert [p.name for p in store.iterdir()] == [backup.name], "something is left beside it"
    done = use(checkout, "restore.sh", backup, "--into", back, "--passphrase-file", key)
    assert done.returncode == 0, done.stderr
    assert contents(back, "config", "glossary") == contents(checkout, "config", "glossary")
    assert list(contents(back, "out")) == [str(JOB / "06_asr" / "segments.json")]
    again = use(checkout, "restore.sh", backup, "--into", back, "--passphrase-file", key)
    assert again.returncode == 2 and "is not empty" in again.stderr


def test_a_wrong_key_or_a_damaged_backup_restores_nothing(
    checkout: Path, key: Path, tmp_path: Path
) -> None:
    made = use(checkout, "backup.sh", "--to", tmp_path / "store", "--passphrase-file", key)
    backup = Path(made.stdout.strip())
    wrong = tmp_path / "wrong"
    wrong.write_text("guessed\n")
    damaged = tmp_path / "damaged.gpg"
    damaged.write_bytes(backup.read_bytes()[:-40])
    back = tmp_path / "back"
    for source, passphrase in ((backup, wrong), (damaged, key)):
        done = use(checkout, "restore.sh", source, "--into", back, "--passphrase-file", passphrase)
        assert done.returncode == 1 and "cannot be opened" in done.stderr
        assert not back.exists() and not list(tmp_path.glob(".restore*"))


def made_by(result: subprocess.CompletedProcess[str]) -> Path:
    """Return the backup that a command has made."""
    assert result.returncode == 0, result.stderr
    return Path(result.stdout.strip())


def test_backups_rotate_by_machine_checkout_and_kind(
    checkout: Path, key: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    options = ("--to", store, "--passphrase-file", key, "--keep", 2)
    full = made_by(use(checkout, "backup.sh", *options, "--outputs"))
    other = made_by(use(checkout, "backup.sh", *options, "--name", "another.host"))
    second = tmp_path / "second checkout"
    shutil.copytree(checkout, second)
    foreign = made_by(use(second, "backup.sh", *options))
    own = [made_by(use(checkout, "backup.sh", *options)) for _ in range(5)]
    assert [path.exists() for path in own] == [False, False, False, True, True]
    assert full.exists(), "settings-only backups have pushed out a full one"
    assert other.exists() and foreign.exists(), "another machine's or checkout's was removed"
    assert len(list(store.iterdir())) == 5


@pytest.mark.parametrize("stamp", ["20991231T235959Z", "19700101T000000Z"])
def test_a_clock_that_was_wrong_does_no_harm(
    checkout: Path, key: Path, tmp_path: Path, stamp: str
) -> None:
    """A backup of a clock far ahead is no newer than those after it, and goes in its turn."""
    store = tmp_path / "store"
    options = ("--to", store, "--passphrase-file", key, "--keep", 2)
    first = made_by(use(checkout, "backup.sh", *options))
    head, _, tail = first.name.rpartition("-")
    wrong = first.with_name(f"{head}-{stamp}.{tail.partition('.')[2]}")
    first.rename(wrong)
    os.utime(wrong, (4_000_000_000, 4_000_000_000))
    later = [made_by(use(checkout, "backup.sh", *options)) for _ in range(3)]
    assert not wrong.exists() and [path.exists() for path in later] == [False, True, True]


def test_one_backup_is_kept_and_it_is_the_one_just_made(
    checkout: Path, key: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    options = ("--to", store, "--passphrase-file", key, "--keep", 1)
    for _ in range(3):
        made = made_by(use(checkout, "backup.sh", *options))
        assert list(store.iterdir()) == [made]
    old = store / "cp-whisperx-20260101T000000Z.tar.gz.gpg"
    link = store / made.name.replace("-000003-", "-000009-")
    old.touch()
    link.symlink_to(key)
    last = made_by(use(checkout, "backup.sh", *options))
    assert {path.name for path in store.iterdir()} == {old.name, link.name, last.name}
    assert key.exists()


def test_two_backups_at_once_are_two(checkout: Path, key: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    command = [checkout / "tools" / "backup.sh", "--to", store, "--passphrase-file", key]
    running = [
        subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    names = {one.communicate()[0].strip() for one in running}
    assert len(names) == 4 and all(Path(name).is_file() for name in names)


def test_no_backup_is_unencrypted_or_its_key_open(
    checkout: Path, key: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    plain = use(checkout, "backup.sh", "--to", store)
    assert plain.returncode == 2 and "never written unencrypted" in plain.stderr
    key.chmod(0o644)
    shown = use(checkout, "backup.sh", "--to", store, "--passphrase-file", key)
    assert shown.returncode == 2 and f"chmod 600 '{key}'" in shown.stderr


def test_settings_behind_a_link_are_backed_up_and_links_in_them_told(
    checkout: Path, key: Path, tmp_path: Path
) -> None:
    moved, back = tmp_path / "etc", tmp_path / "back"
    (checkout / "config").rename(moved)
    (checkout / "config").symlink_to(moved)
    (moved / "here.env").symlink_to(key)
    made = use(checkout, "backup.sh", "--to", tmp_path / "store", "--passphrase-file", key)
    assert "here.env is a link" in made.stderr
    use(checkout, "restore.sh", made_by(made), "--into", back, "--passphrase-file", key)
    assert (back / "config" / "secrets.json").read_text() == SECRET


def test_a_restored_file_has_no_special_rights(checkout: Path, key: Path, tmp_path: Path) -> None:
    """A backup may be a stranger's: no setuid program, device or pipe comes out of it."""
    tool, folder = checkout / "config" / "tool", checkout / "glossary"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o6755)
    folder.chmod(0o3775)
    os.mkfifo(checkout / "config" / "pipe")
    (checkout / "config" / "out").symlink_to("/etc/passwd")
    group = tmp_path / "group"
    group.mkdir()
    group.chmod(0o2755)  # what is made below it is setgid by itself
    made = made_by(use(checkout, "backup.sh", "--to", tmp_path / "store", "--passphrase-file", key))
    back = group / "back"
    done = use(checkout, "restore.sh", made, "--into", back, "--passphrase-file", key)
    assert done.returncode == 0, done.stderr
    special = [path for path in (back, *back.rglob("*")) if path.lstat().st_mode & 0o7000]
    assert not [path for path in special if not path.is_symlink()]
    assert not (back / "config" / "pipe").exists()
    assert "left out, neither file nor folder" in done.stderr
    assert "warning: is a link: config/out" in done.stderr
    assert back.stat().st_mode & 0o777 == 0o700
    assert (back / "config" / "tool").stat().st_mode & 0o777 == 0o755


def test_a_folder_that_a_stranger_closed_is_opened(
    checkout: Path, key: Path, tmp_path: Path
) -> None:
    plain, made, back = tmp_path / "x.tar.gz", tmp_path / "x.tar.gz.gpg", tmp_path / "back"
    with tarfile.open(plain, "w:gz") as archive:
        for name, kind, mode in [
            ("config", tarfile.DIRTYPE, 0o555),
            ("config/closed", tarfile.DIRTYPE, 0),
            ("config/closed/tool", tarfile.REGTYPE, 0o4711),
            ("config/closed/pipe", tarfile.FIFOTYPE, 0o600),
        ]:
            member = tarfile.TarInfo(name)
            member.type, member.mode = kind, mode
            archive.addfile(member)
    with tempfile.TemporaryDirectory() as home:
        options = ("--homedir", home, "--batch", "--quiet", "--pinentry-mode", "loopback")
        secret = ("--passphrase-file", str(key), "--output", str(made))
        subprocess.run(["gpg", *options, *secret, "--symmetric", str(plain)], check=True)
    done = use(checkout, "restore.sh", made, "--into", back, "--passphrase-file", key)
    assert done.returncode == 0, done.stderr
    closed = back / "config" / "closed"
    assert (back / "config").stat().st_mode & 0o777 == 0o755
    assert closed.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in closed.iterdir()] == ["tool"]
    assert (closed / "tool").stat().st_mode & 0o7777 == 0o711
    assert not list(tmp_path.glob(".restore.*"))


def test_jobs_that_lie_elsewhere_and_are_being_written_are_backed_up(
    checkout: Path, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = tmp_path / "other disk" / "jobs"
    jobs.mkdir(parents=True)
    (jobs / "segments.json").write_text("{}")
    log = jobs / "events.jsonl"
    log.write_bytes(os.urandom(8 << 20))
    (checkout / "config" / ".env.pipeline").write_text('OUTPUT_ROOT="/nowhere"\n')
    (checkout / "config" / ".env.local").write_text(f'OUTPUT_ROOT="{jobs}"\n')
    monkeypatch.setenv("OUTPUT_ROOT", str(tmp_path))  # another program's
    store, back = tmp_path / "store", tmp_path / "back"
    options = ("--to", store, "--passphrase-file", key, "--outputs")
    writer = subprocess.Popen(["sh", "-c", 'while echo x >> "$1"; do sleep 0.002; done', "-", log])
    try:
        made = use(checkout, "backup.sh", *options)
    finally:
        writer.kill()
        writer.wait()
    assert (made.returncode, made.stderr) == (0, "")
    done = use(
        checkout, "restore.sh", made.stdout.strip(), "--into", back, "--passphrase-file", key
    )
    assert done.returncode == 0, done.stderr
    assert sorted(contents(back, "out")) == ["out/events.jsonl", "out/segments.json"]
    other = tmp_path / "other.env"
    other.write_text("OUTPUT_ROOT=/elsewhere\n")
    monkeypatch.setenv("CP_CONFIG", str(other))
    named = use(checkout, "backup.sh", *options)
    assert named.returncode == 2 and "no outputs in /elsewhere" in named.stderr
    monkeypatch.setenv("CP_OUTPUT_ROOT", str(tmp_path / "unmounted"))
    gone = use(checkout, "backup.sh", *options)
    assert gone.returncode == 2 and f"no outputs in {tmp_path / 'unmounted'}" in gone.stderr


def test_each_wrong_use_is_told_in_two_lines(checkout: Path, key: Path, tmp_path: Path) -> None:
    with_key = ("--passphrase-file", key)
    for code, cause, tool, *arguments in [
        (2, "--to wants a value", "backup.sh", "--to"),
        (2, "Two keys are named", "backup.sh", "--to", tmp_path, *with_key, "--recipients", key),
        (3, "Cannot write to", "backup.sh", "--to", key / "inside", *with_key),
        (2, "No such file", "backup.sh", "--to", tmp_path, "--passphrase-file", tmp_path),
        (2, "--into wants a value", "restore.sh", key, "--into"),
        (2, f"{key} is a file", "restore.sh", key, "--into", key, *with_key),
        (3, "Cannot write to", "restore.sh", key, "--into", key / "a" / "b", *with_key),
    ]:
        assert_refused(use(checkout, str(tool), *arguments), int(code), str(cause))


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("to a folder", "is a link"),
        ("to nowhere", "is a link"),
        (".", "is the folder that you are in"),
    ],
)
def test_a_place_that_cannot_be_filled_whole_is_refused_in_one_line(
    checkout: Path,
    key: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    told: str,
) -> None:
    made = made_by(use(checkout, "backup.sh", "--to", tmp_path / "store", "--passphrase-file", key))
    here, folder = tmp_path / "here", tmp_path / "folder"
    here.mkdir()
    folder.mkdir()
    (here.parent / "to a folder").symlink_to(folder)
    (here.parent / "to nowhere").symlink_to(tmp_path / "nowhere")
    monkeypatch.chdir(here)
    into = place if place == "." else here.parent / place
    done = use(checkout, "restore.sh", made, "--into", into, "--passphrase-file", key)
    assert_refused(done, 2, told, "Name an")
    assert not list(folder.iterdir()) and not list(here.iterdir())
    assert not (tmp_path / "nowhere").exists() and not list(tmp_path.glob(".restore*"))


def test_folders_like_options_with_blanks_and_line_breaks_are_folders(
    checkout: Path, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = "-a b\nc"
    for _ in range(2):
        made = use(checkout, "backup.sh", "--to", store, "--passphrase-file", key, "--keep", 1)
        assert made.returncode == 0 and not made.stderr, made.stderr
    (backup,) = (tmp_path / store).iterdir()
    assert "-settings-000002-" in backup.name
    done = use(checkout, "restore.sh", backup, "--into", "-d\ne", "--passphrase-file", key)
    assert done.returncode == 0, done.stderr
    assert contents(tmp_path / "-d\ne", "config") == contents(checkout, "config")


def test_which_key_or_backup_is_wrong_is_told(checkout: Path, key: Path, tmp_path: Path) -> None:
    made = made_by(use(checkout, "backup.sh", "--to", tmp_path / "store", "--passphrase-file", key))
    back, gone = tmp_path / "back", tmp_path / "gone"
    into = ("--into", back)
    for arguments, told in (
        ((made, *into), "No key is named"),
        ((made, *into, "--passphrase-file", gone), f"No such file: {gone}"),
        ((made, *into, "--passphrase-file", key, "--identity", key), "Two keys are named"),
        ((made, made, *into, "--passphrase-file", key), "Two backups are named"),
    ):
        assert_refused(use(checkout, "restore.sh", *arguments), 2, told)
    assert not back.exists()


def test_names_in_a_strangers_backup_do_not_draw_on_the_terminal(
    checkout: Path, key: Path, tmp_path: Path
) -> None:
    drawn = "x\x1b[2J\nerror: not this line"
    (checkout / "glossary" / f"l{drawn}").symlink_to("/etc/passwd")
    os.mkfifo(checkout / "glossary" / f"p{drawn}")
    made = use(checkout, "backup.sh", "--to", tmp_path / "store", "--passphrase-file", key)
    back = tmp_path / "back"
    done = use(checkout, "restore.sh", made_by(made), "--into", back, "--passphrase-file", key)
    assert done.returncode == 0
    for said, lines in ((made.stderr, 1), (done.stderr, 2)):
        assert len(said.splitlines()) == lines, said
        assert "\x1b" not in said and all(s.startswith("warning: ") for s in said.splitlines())
    assert ".restore." not in done.stderr
