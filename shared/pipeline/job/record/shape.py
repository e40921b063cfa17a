#!/usr/bin/env python3
"""
Shape: by which of its inputs a result is looked up, and the key that they make.

Usage:
    from shared.pipeline.job.record.shape import key_of, shape_of

    shape_of(record), key_of(record)
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from shared.core.identity import MEDIA_MARK, MODEL_MARK
from shared.pipeline.job.record.manifest import Checkpoint


def shape_of(record: Checkpoint) -> tuple[str, ...]:
    """Return the names of the inputs by which a result is looked up.

    Films are called alike: only their content counts. Models are left out: one that is gone
    changes nothing, so that what is there now does not tell.

    Args:
        record: The record of the result.
    """
    return tuple(sorted(_plain(record.inputs)))


def key_of(record: Checkpoint) -> str:
    """Return a digest of what those inputs were.

    Args:
        record: The record of the result.
    """
    return inputs_key(_plain(record.inputs))


def inputs_key(digests: Mapping[str, str | None]) -> str:
    """Return a digest of inputs by name and digest.

    Args:
        digests: Of each name in a shape.
    """
    text = json.dumps(sorted(digests.items()))
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _plain(inputs: Mapping[str, str | None]) -> dict[str, str | None]:
    return {
        MEDIA_MARK if name.startswith(MEDIA_MARK) else name: digest
        for name, digest in inputs.items()
        if not name.startswith(MODEL_MARK)
    }
