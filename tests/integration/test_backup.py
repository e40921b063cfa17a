#!/usr/bin/env python3
"""Backup and restore: what is backed up comes back whole, into an empty folder, and only so."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from shared.core.paths import PROJECT_ROOT
from tests.support.commands import assert_refused

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("gpg") is None, reason="gpg is not installed"),
]
SECRET = "a-key-that-nobody-sees"
JOB = Path("out") / "2026" / "01" / "01" / "me" / "1"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with settings, a secret, a glossary, and a job with work half done."""
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


def test_old_backups_go_and_no_backup_is_unencrypted(
    checkout: Path, key: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    store.mkdir()
    for day in (1, 2, 3):
        (store / f"cp-whisperx-2026010{day}T000000Z.tar.gz.gpg").touch()
    made = use(checkout, "backup.sh", "--to", store, "--passphrase-file", key, "--keep", 2)
    kept = sorted(path.name for path in store.iterdir())
    assert kept == ["cp-whisperx-20260103T000000Z.tar.gz.gpg", Path(made.stdout.strip()).name]
    plain = use(checkout, "backup.sh", "--to", store)
    assert plain.returncode == 2 and "never written unencrypted" in plain.stderr
    key.chmod(0o644)
    shown = use(checkout, "backup.sh", "--to", store, "--passphrase-file", key)
    assert shown.returncode == 2 and f"chmod 600 '{key}'" in shown.stderr


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
