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
from functools import partial
from pathlib import Path

from shared.config import HUB_TOKEN, hub_is_offline, load_secret
from shared.core.errors import DependencyError, UnavailableError
from shared.core.files import remove_whole, write_json
from shared.core.paths import MODELS_DIR
from shared.models.catalogue import Model
from shared.models.first_use import how_to_trust_anew, keep_first_use, read_first_use
from shared.models.hub_files import HubFile, choose_files
from shared.models.hub_troubles import ask_hub
from shared.models.packaged import move_into_place
from shared.models.pins import Pin
from shared.models.store import fetch_command, is_whole
from shared.services.deadline import answer_within

Progress = Callable[[int, int], None]
# Seconds the hub has for one answer.
HUB_PATIENCE = 10.0
RECORD = ".fetched.json"
UNFINISHED = ".fetching"
FREE_RESERVE = 64 << 20
POLL_SECONDS = 0.25
BLOCK = 1 << 20


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
                keep_first_use(model, models_dir, _fill(model, part, progress, models_dir))
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


def _fill(model: Model, part: Path, progress: Progress, models_dir: Path) -> Pin:
    """Fetch every file that is not in part yet, check them all, write the record; return it."""
    pin, trust_anew = read_first_use(model, models_dir), how_to_trust_anew(model, models_dir)
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
            revision=pin.revision or None,
            files_metadata=True,
            timeout=HUB_PATIENCE,
        ),
    )
    if pin.revision and info.sha != pin.revision:
        raise DependencyError(
            f"The hub gives another revision of {model.repository} than was asked for",
            hint=trust_anew or f"Try again later: {fetch_command(model)}",
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
    digests = {file.name: _checked(model, part, file, pin, trust_anew) for file in files}
    if not is_whole(model, part):
        raise UnavailableError(
            f"{model.repository} on the hub holds no {model.engine} model",
            hint=f"python3 tools/models.py list {model.engine}",
        )
    shutil.rmtree(part / ".cache", ignore_errors=True)
    record = {"repository": model.repository, "revision": info.sha, "sha256": digests}
    write_json(part / RECORD, record)
    return Pin(str(info.sha), tuple(digests.items()))


def _checked(model: Model, part: Path, file: HubFile, pin: Pin, trust_anew: str) -> str:
    """Return a file's SHA-256; one that is not what it should be is removed, so that it comes anew.

    Raises:
        DependencyError: The file is damaged, or not the one that is pinned or came before.
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
    if announced and dict(pin.sha256).get(file.name) in {None, digest}:
        return digest
    path.unlink()
    which = f"{file.name} of {model.engine} {model.name}"
    if not announced:
        raise DependencyError(f"{which} arrived damaged", hint=fetch_command(model))
    raise DependencyError(
        f"{which} is not the file that belongs to revision {pin.revision}: SHA-256 {digest}",
        hint=f"Somebody may have changed it, and nothing of it is kept. {trust_anew}".strip(),
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
