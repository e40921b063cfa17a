#!/usr/bin/env python3
"""
ONNX network: a torch module exported once, and run without torch from then on.

Usage:
    from scripts.runtime.onnx_network import can_export, export_network, open_exported, torch_runner

    if can_export():
        export_network(module, example, target, source="mels", result="voices", free={0: "count"})
    run = open_exported(target, "mels")
"""

from __future__ import annotations

import importlib.util
import os
import tempfile
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

OPSET = 17


class Exported(NamedTuple):
    """An exported network: what runs it on an array, and the shape that it takes."""

    run: Callable[[Any], Any]
    shape: list[Any]


def can_export() -> bool:
    """Return whether this environment has what an export needs beside torch."""
    return importlib.util.find_spec("onnx") is not None


def export_network(
    module: Any,
    example: Any,
    target: Path,
    *,
    source: str,
    result: str,
    free: Mapping[int, str],
) -> None:
    """Write a torch module as ONNX; the file appears only when it is whole.

    Args:
        module: With one input and one output.
        example: A tensor of the input's shape.
        target: The file to write; its folder is created if need be.
        source: Name of the input.
        result: Name of the output, whose first axis is free.
        free: The input's axes whose length is free, with their names.
    """
    import torch

    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
    os.close(handle)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                module,
                (example,),
                name,
                input_names=[source],
                output_names=[result],
                dynamic_axes={source: dict(free), result: {0: free[0]}},
                opset_version=OPSET,
                dynamo=False,
            )
        os.chmod(name, 0o644)
        os.replace(name, target)
    finally:
        Path(name).unlink(missing_ok=True)


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
