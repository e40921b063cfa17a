#!/usr/bin/env python3
"""
YAMNet network: the package's network in the numbers that it was trained in.

The file holds the trained weights and, around every layer, a pair of nodes that rounds to eight
bits. Eight-bit kernels saturate on processors with AVX2 and without VNNI (music of 0.95 is heard as
0.68), and rounding in float costs as much as the layers: without the pairs the same sound has the
same scores everywhere, at half the time, and many patches go in at once.

Usage:
    from scripts.sound.yamnet_network import unquantised

    session = onnxruntime.InferenceSession(unquantised(path))
    (odds,) = session.run(None, {"audio": patches})
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

ROUNDING = ("QuantizeLinear", "DequantizeLinear")
INPUT, OUTPUT = "audio", "class_scores"


def unquantised(path: Path) -> bytes:
    """Return a network without its rounding, as onnxruntime reads it.

    It takes `audio`, float32, shape (patches, 1, 96, 64), and gives log-odds, float32, shape
    (patches, classes).

    Args:
        path: An ONNX file whose QuantizeLinear and DequantizeLinear nodes stand in pairs.
    """
    import onnx

    model = onnx.load(str(path))
    graph = model.graph
    before = {node.output[0]: node.input[0] for node in graph.node if node.op_type in ROUNDING}

    def origin(name: str) -> str:
        while name in before:
            name = before[name]
        return name

    layers = [node for node in graph.node if node.op_type not in ROUNDING]
    for node in layers:
        node.input[:] = [origin(name) for name in node.input]
        if node.op_type == "Reshape":
            _keep_patches(graph, node.input[1])
    (source,), (target,) = graph.input, graph.output
    shape = [dimension.dim_value for dimension in source.type.tensor_type.shape.dim]
    classes = target.type.tensor_type.shape.dim[-1].dim_value
    used = {name for node in layers for name in node.input}
    made = onnx.helper.make_graph(
        layers,
        graph.name,
        [onnx.helper.make_tensor_value_info(INPUT, onnx.TensorProto.FLOAT, ["n", *shape[1:]])],
        [
            onnx.helper.make_tensor_value_info(
                origin(OUTPUT), onnx.TensorProto.FLOAT, ["n", classes]
            )
        ],
        [item for item in graph.initializer if item.name in used],
    )
    model.graph.CopyFrom(made)
    network: bytes = model.SerializeToString()
    return network


def _keep_patches(graph: Any, name: str) -> None:
    """Let a shape of one patch hold any number of them: in ONNX 0 keeps the dimension."""
    import onnx

    for item in graph.initializer:
        if item.name == name:
            shape = np.concatenate([[0], onnx.numpy_helper.to_array(item)[1:]])
            item.CopyFrom(onnx.numpy_helper.from_array(shape.astype(np.int64), name))
