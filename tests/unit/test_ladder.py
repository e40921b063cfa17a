#!/usr/bin/env python3
"""Tests of shared/core/ladder.py: the rungs there are, and which errors lead down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.errors import InputError, UnavailableError
from shared.core.ladder import Rung, build_ladder, trouble_of


def test_a_gpu_steps_down_to_smaller_batches_int8_shorter_chunks_and_the_cpu() -> None:
    rungs = build_ladder(Rung("cuda", "float16", 16, 28.0))
    assert [rung.label for rung in rungs] == [
        "cuda, float16, batch 16, chunks of 28 s",
        "cuda, float16, batch 4, chunks of 28 s",
        "cuda, float16, batch 1, chunks of 28 s",
        "cuda, int8, batch 1, chunks of 28 s",
        "cuda, int8, batch 1, chunks of 14 s",
        "cpu, int8, batch 1, chunks of 14 s",
    ]


def test_a_cpu_with_nothing_to_shrink_has_one_rung() -> None:
    assert build_ladder(Rung()) == [Rung()]


@given(
    st.builds(
        Rung,
        device=st.sampled_from(["cpu", "cuda", "cuda:1", "mps"]),
        compute_type=st.sampled_from(["int8", "int8_float16", "float16", "float32"]),
        batch_size=st.integers(1, 128),
        chunk_length=st.floats(0, 60),
    )
)
def test_every_rung_is_another_and_none_asks_for_more(first: Rung) -> None:
    rungs = build_ladder(first)
    assert rungs[0] == first and len(set(rungs)) == len(rungs)
    for before, after in zip(rungs, rungs[1:], strict=False):
        assert after.batch_size <= before.batch_size and after.chunk_length <= before.chunk_length
    assert first.device == "cpu" or rungs[-1].device == "cpu"


def wrapped(cause: BaseException) -> BaseException:
    """Return an error of ours that was raised from a library's."""
    try:
        raise UnavailableError("Whisper does not load on cuda") from cause
    except UnavailableError as error:
        return error


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (MemoryError(), "memory"),
        (RuntimeError("CUDA failed with error out of memory"), "memory"),
        (RuntimeError("mkl_malloc: failed to allocate memory"), "memory"),
        (wrapped(RuntimeError("CUBLAS_STATUS_ALLOC_FAILED")), "memory"),
        (RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"), "memory"),
        (wrapped(RuntimeError("CUDA error: an illegal memory access")), "device"),
        (OSError("libcudnn_ops.so.9: cannot open shared object file"), "device"),
        (RuntimeError("Found no NVIDIA driver on your system."), "device"),
        (wrapped(AssertionError("Torch not compiled with CUDA enabled")), "device"),
        (RuntimeError("could not create a primitive"), "memory"),
        (ImportError("libx.so: failed to map segment from shared object"), "memory"),
        (OSError("x.so: failed to map segment from shared object: Operation not permitted"), None),
        (InputError("No audio stream"), None),
        (RuntimeError("shapes do not match"), None),
        (ValueError("cudnn"), None),
    ],
)
def test_errors_are_told_apart(error: BaseException, trouble: str | None) -> None:
    assert trouble_of(error) == trouble
