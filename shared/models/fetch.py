#!/usr/bin/env python3
"""
Fetch: brings a model from its hub into `models/<engine>/<name>`.

What arrives is kept beside the final name, so that an interrupted fetch goes on where it stopped;
the model gets its name only when every file is there and has the digest that the hub announced.
What may be gone in a moment (shared/models/hub_troubles.py) is tried again by itself.

Usage:
    from shared.models.fetch import fetch_model, hub_answers

    folder = fetch_model(describe("whisper", "large-v3"), progress=lambda done, total: None)
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import shutil
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import partial
from pathlib import Path

from shared.config import HUB_TOKEN, hub_is_offline, load_secret
from shared.core.errors import DependencyError, UnavailableError
from shared.core.files import remove_whole, write_json
from shared.core.paths import MODELS_DIR
from shared.models.catalogue import Model
from shared.models.hub_troubles import ask_hub
from shared.models.packaged import move_into_place
from shared.models.store import SHARD_INDEX, fetch_command, is_whole
from shared.services.deadline import answer_within

Progress = Callable[[int, int], None]
# Seconds the hub has for one answer.
HUB_PATIENCE = 10.0
RECORD = ".fetched.json"
UNFINISHED = ".fetching"
FREE_RESERVE = 64 << 20
POLL_SECONDS = 0.25
BLOCK = 1 << 20


@dataclass(frozen=True)
class HubFile:
    """A file on the hub: bytes, and its digest: SHA-256, or git's own for small files."""

    name: str
    size: int
    sha256: str
    git: str


def hub_answers(patience: float = HUB_PATIENCE) -> bool:
    """Tell whether the model hub answers within patience seconds, name look-up included.

    Args:
        patience: Longest wait in seconds.
    """
    from huggingface_hub import constants

    def ask() -> bool:
        request = urllib.request.Request(constants.ENDPOINT, method="HEAD")
        try:
            with urllib.request.urlopen(request, timeout=patience):
                return True
        except urllib.error.HTTPError:
            return True
        except (OSError, ValueError):
            return False

    try:
        return answer_within(patience, ask)
    except TimeoutError:
        return False


def fetch_model(model: Model, progress: Progress, models_dir: Path = MODELS_DIR) -> Path:
    """Fetch a model; another process that fetches the same one is waited for.

    Args:
        model: What to fetch.
        progress: Called with bytes here and bytes in all, also from another thread.
        models_dir: Folder with one sub-folder per engine.

    Returns:
        Its folder.

    Raises:
        UnavailableError: No hub, no permission, no such model there, no room.
        DependencyError: The hub fails, or what came is damaged.
    """
    target = models_dir / model.engine / model.name
    if not model.repository:
        raise UnavailableError(
            f"The {model.engine} model {model.name} is on no hub", hint=fetch_command(model)
        )
    if hub_is_offline():
        raise UnavailableError(
            "The model hub is switched off (HF_HUB_OFFLINE)",
            hint=f"env -u HF_HUB_OFFLINE {fetch_command(model)}",
        )
    unfinished = target.parents[len(Path(model.name).parts) - 1] / UNFINISHED
    part = unfinished / model.name.replace("/", "--")
    try:
        part.mkdir(parents=True, exist_ok=True)
        with _alone(part.with_name(part.name + ".lock")):
            if not is_whole(model, target):
                part.mkdir(exist_ok=True)
                _fill(model, part, progress)
                aside = unfinished / f"{part.name}.incomplete"
                remove_whole(aside)  # of a fetch that was killed here
                if os.path.lexists(target):
                    target.rename(aside)
                target.parent.mkdir(parents=True, exist_ok=True)
                move_into_place(part, target, RECORD)
                remove_whole(aside)
    except OSError as error:
        raise UnavailableError(
            f"{target} cannot be written: {error.strerror or error}",
            hint=f"Free disk space there, or make it writable; then {fetch_command(model)}",
        ) from error
    return target


def choose_files(model: Model, files: list[HubFile]) -> list[HubFile]:
    """Return the files of a repository that a model needs: one form of its weights, no other copy.

    Args:
        model: Its row in the catalogue, with the forms of weights that its engine reads.
        files: Everything in its repository.
    """
    family = model.family
    names = [file.name for file in files]
    form = next((f for f in family.weights if any(fnmatch(name, f) for name in names)), "")
    takes = [pattern for pattern in family.takes if pattern not in family.weights]

    def wanted(name: str) -> bool:
        if name in (*family.needs, *model.needs):
            return True
        if "/" in name or name.startswith("."):
            return False
        if form and (fnmatch(name, form) or fnmatch(name, form + SHARD_INDEX)):
            return True
        return not name.endswith(SHARD_INDEX) and any(fnmatch(name, p) for p in takes)

    return [file for file in files if wanted(file.name)]


def _fill(model: Model, part: Path, progress: Progress) -> None:
    """Fetch every file that is not in part yet, check them all, and write the record."""
    from huggingface_hub import HfApi, constants, hf_hub_download
    from huggingface_hub.utils.logging import set_verbosity
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    set_verbosity(logging.ERROR)
    constants.DOWNLOAD_CHUNK_SIZE = BLOCK  # what an interruption loses at most
    constants.HF_HUB_DISABLE_XET = True  # only plain HTTP goes on where it stopped
    token = load_secret(HUB_TOKEN) or False
    info = ask_hub(
        model,
        lambda: HfApi(constants.ENDPOINT, token=token).model_info(
            model.repository,
            revision=model.pin.revision or None,
            files_metadata=True,
            timeout=HUB_PATIENCE,
        ),
    )
    if model.pin.revision and info.sha != model.pin.revision:
        raise DependencyError(
            f"The hub gives another revision of {model.repository} than was asked for",
            hint=f"Try again later: {fetch_command(model)}",
        )
    files = choose_files(
        model,
        [
            HubFile(s.rfilename, s.size or 0, s.lfs.sha256 if s.lfs else "", s.blob_id or "")
            for s in info.siblings or []
        ],
    )
    total = sum(file.size for file in files)
    _check_room(model, part, total)
    with _watched(part, total, progress):
        for file in files:
            ask_hub(
                model,
                partial(
                    hf_hub_download,
                    model.repository,
                    file.name,
                    revision=info.sha,
                    local_dir=part,
                    token=token,
                    etag_timeout=HUB_PATIENCE,
                    endpoint=constants.ENDPOINT,
                ),
                before_again=partial(_drop_excess, part, file),
            )
    known = dict(model.pin.sha256)
    digests = {file.name: _checked(model, part, file, known.get(file.name)) for file in files}
    if not is_whole(model, part):
        raise UnavailableError(
            f"{model.repository} on the hub holds no {model.engine} model",
            hint=f"python3 tools/models.py list {model.engine}",
        )
    shutil.rmtree(part / ".cache", ignore_errors=True)
    record = {"repository": model.repository, "revision": info.sha, "sha256": digests}
    write_json(part / RECORD, record)


def _checked(model: Model, part: Path, file: HubFile, known: str | None) -> str:
    """Return a file's SHA-256; one that is not what it should be is removed, so that it comes anew.

    Raises:
        DependencyError: The file is damaged.
    """
    path = part / file.name
    sha256, git = hashlib.sha256(), hashlib.sha1(usedforsecurity=False)
    size = path.stat().st_size
    git.update(f"blob {size}\0".encode("ascii"))
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            sha256.update(block)
            if not file.sha256:
                git.update(block)
    digest = sha256.hexdigest()
    announced = digest == file.sha256 if file.sha256 else file.git in {"", git.hexdigest()}
    if announced and known in {None, digest}:
        return digest
    path.unlink()
    raise DependencyError(
        f"{file.name} of {model.engine} {model.name} arrived damaged", hint=fetch_command(model)
    )


def _drop_excess(part: Path, file: HubFile) -> None:
    """Remove what has come of a file if it is more than the whole: it begins anew."""
    for path in (part / ".cache").rglob("*.incomplete"):
        if path.stat().st_size > file.size:
            path.unlink()


def _check_room(model: Model, part: Path, total: int) -> None:
    missing = total - _size(part) + FREE_RESERVE
    free = shutil.disk_usage(part).free
    if free < missing:
        raise UnavailableError(
            f"Not enough disk space for {model.engine} {model.name}: {missing >> 20} MiB needed, "
            f"{free >> 20} MiB free",
            hint=f"Free space on the disk that holds {part.parent}",
        )


def _size(folder: Path) -> int:
    """Return the bytes below a folder that another thread writes to."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            continue
    return total


@contextmanager
def _watched(part: Path, total: int, progress: Progress) -> Iterator[None]:
    """Tell how much has arrived, as long as the block runs."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(POLL_SECONDS):
            progress(min(_size(part), total), total)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
    progress(total, total)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold a lock file; released by the system also when this process is killed."""
    with lock.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
