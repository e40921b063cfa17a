#!/usr/bin/env python3
"""
CTC alignment: the frames at which the characters of a known text are heard.

The best path through a CTC network's output, by torchaudio (blanks between characters are free to
come and go, one must stand between two equal characters).

Usage:
    from scripts.alignment.ctc_alignment import align_labels

    spans = align_labels(log_probs, labels, blank=0)
    spans[0].first, spans[0].after, spans[0].score
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# torchaudio keeps a byte for each frame and state: one GiB is a quarter of an hour of fast speech.
MOST_CELLS = 1 << 30


@dataclass(frozen=True)
class LabelSpan:
    """Where one label is heard: first frame, the frame after its last, mean probability."""

    first: int
    after: int
    score: float


def can_be_aligned(labels: Sequence[int], frames: int) -> bool:
    """Return whether a text fits into so many frames, and its alignment into memory.

    It needs one frame a label, and one more between equal ones.

    Args:
        labels: Codes of the text.
        frames: How many frames were heard.
    """
    fewest = len(labels) + sum(a == b for a, b in zip(labels, labels[1:], strict=False))
    return fewest <= frames and (2 * len(labels) + 1) * frames <= MOST_CELLS


def align_labels(log_probs: Any, labels: Sequence[int], blank: int) -> list[LabelSpan]:
    """Return the span of each label on the best path.

    Args:
        log_probs: float32 array of shape (frames, codes), logarithms of probabilities.
        labels: Codes of the text, none of them the blank.
        blank: Code of the blank.

    Returns:
        One span per label, in order, none overlapping.

    Raises:
        ValueError: can_be_aligned says no.
    """
    if not can_be_aligned(labels, len(log_probs)):
        raise ValueError(f"{len(labels)} labels cannot be aligned with {len(log_probs)} frames")
    if not labels:
        return []
    import torch
    from torchaudio.functional import forced_align, merge_tokens

    emission = torch.from_numpy(log_probs)[None].contiguous()
    with warnings.catch_warnings():
        # torchaudio 2.8 announces the end of this function; later releases keep it (audio#4147).
        warnings.filterwarnings("ignore", message=".*forced_align has been deprecated")
        targets = torch.tensor([labels], dtype=torch.int32)
        path, scores = forced_align(emission, targets, blank=blank)
    spans = merge_tokens(path[0], scores[0].exp(), blank=blank)
    return [LabelSpan(span.start, span.end, span.score) for span in spans]
