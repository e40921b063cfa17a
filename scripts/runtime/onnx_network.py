#!/usr/bin/env python3
"""
ONNX network: a torch module exported once, and run without torch from then on.

An export takes half a minute, most of it imports. So it is kept for every other checkout of the
same user as well, in `XDG_CACHE_HOME` (`~/.cache`), under the digest of the code that made it.

Usage:
    from scripts.runtime.onnx_network import can_export, export_network, is_exported, open_exported

    if not is_exported(target, __file__) and can_export():
        export_network(module, example, target, source="mels", result="voices", free={0: "count"},
            made_by=__file__)
    run = open_exported(target, "mels")
"""

from __future__ import annotations

import importlib.util
import shutil
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from shared.core.configuration.variables import variable
from shared.core.files import draft_of, sha256_of
from shared.core.machine.cpu_share import stage_cpus

OPSET = 17
READABLE = 0o644


class Exported(NamedTuple):
    """An exported network: what runs it on an array, and the shape that it takes."""

    run: Callable[[Any], Any]
    shape: list[Any]


def can_export() -> bool:
    """Return whether this environment has what an export needs beside torch."""
    return importlib.util.find_spec("onnx") is not None


def is_exported(target: Path, made_by: str) -> bool:
    """Return whether a network lies there; one that another checkout exported is copied.

    Args:
        target: Where export_network writes it.
        made_by: The file of the code that makes the module.
    """
    kept = _kept(target, made_by)
    if not target.is_file() and kept is not None and kept.is_file():
        with suppress(OSError):
            _copy(kept, target)
    return target.is_file()


def export_network(
    module: Any,
    example: Any,
    target: Path,
    *,
    source: str,
    result: str,
    free: Mapping[int, str],
    made_by: str,
) -> None:
    """Write a torch module as ONNX; the file appears only when it is whole.

    Args:
        module: With one input and one output.
        example: A tensor of the input's shape.
        target: The file to write; its folder is created if need be.
        source: Name of the input.
        result: Name of the output, whose first axis is free.
        free: The input's axes whose length is free, with their names.
        made_by: The file of the code that made the module: it is kept for the same code only.
    """
    import torch

    target.parent.mkdir(parents=True, exist_ok=True)
    with draft_of(target) as draft, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            (example,),
            str(draft),
            input_names=[source],
            output_names=[result],
            dynamic_axes={source: dict(free), result: {0: free[0]}},
            opset_version=OPSET,
            dynamo=False,
        )
        draft.chmod(READABLE)
    kept = _kept(target, made_by)
    with suppress(OSError):  # a home that cannot be written to
        if kept is not None:
            _copy(target, kept)


def _kept(target: Path, made_by: str) -> Path | None:
    """Return where this user's checkouts keep a network, None for a user without a home."""
    try:
        base = variable("XDG_CACHE_HOME") or Path.home() / ".cache"
    except RuntimeError:
        return None
    code = "-".join(sha256_of(Path(file))[:12] for file in (__file__, made_by))
    return Path(base, "cp-whisperx", "networks", code, target.name)


def _copy(source: Path, target: Path) -> None:
    """Copy a file; it appears only when it is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with draft_of(target) as draft:
        shutil.copyfile(source, draft)
        draft.chmod(READABLE)


def open_exported(exported: Path, source: str) -> Exported:
    """Open an exported network with onnxruntime, on the CPU.

    Args:
        exported: From export_network.
        source: Name of its input.

    Returns:
        The network, ready to be called.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # onnxruntime counts the machine's, of which a container may use fewer.
    options.intra_op_num_threads = stage_cpus()
    # Threads that wait in a loop cost a core while other programs want it.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(
        str(exported), sess_options=options, providers=["CPUExecutionProvider"]
    )

    def run(values: Any) -> Any:
        return session.run(None, {source: values})[0]

    return Exported(run, list(session.get_inputs()[0].shape))


def torch_runner(module: Any) -> Callable[[Any], Any]:
    """Return a function from array to array that runs a module with torch.

    Args:
        module: In evaluation mode.
    """
    import torch

    def run(values: Any) -> Any:
        with torch.inference_mode():
            return module(torch.from_numpy(values)).numpy()

    return run
