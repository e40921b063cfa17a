#!/usr/bin/env python3
"""
CTC alignment: the frames at which the characters of a known text are heard.

The best path through a CTC network's output (Viterbi; blanks between characters are free to come
and go, one must stand between two equal characters). Exact for any length in little memory: only
every n-th row of scores is kept, the rows between are made again on the way back.

Usage:
    from scripts.alignment.ctc_alignment import align_labels

    spans = align_labels(log_probs, labels, blank=0)
    spans[0].first, spans[0].after, spans[0].score
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# A score that no path can have, far enough from overflow to be added to.
IMPOSSIBLE = -1e30


@dataclass(frozen=True)
class LabelSpan:
    """Where one label is heard: first frame, the frame after its last, mean probability."""

    first: int
    after: int
    score: float


def fewest_frames(labels: Sequence[int]) -> int:
    """Return how many frames a text needs at least: one a label, one more between equal ones.

    Args:
        labels: Codes of the text.
    """
    return len(labels) + sum(a == b for a, b in zip(labels, labels[1:], strict=False))


def align_labels(log_probs: Any, labels: Sequence[int], blank: int) -> list[LabelSpan]:
    """Return the span of each label on the best path.

    Args:
        log_probs: float array of shape (frames, codes), logarithms of probabilities.
        labels: Codes of the text, none of them the blank.
        blank: Code of the blank.

    Returns:
        One span per label, in order, none overlapping.

    Raises:
        ValueError: There are fewer frames than the text needs.
    """
    if len(log_probs) < fewest_frames(labels):
        raise ValueError(f"{len(labels)} labels do not fit into {len(log_probs)} frames")
    if not labels:
        return []
    path = _best_path(log_probs, *_states(labels, blank))
    return _spans(path, log_probs, labels)


def _states(labels: Sequence[int], blank: int) -> tuple[Any, Any]:
    """Return the code of each state, and what it costs to enter it over the blank before it.

    The states are blank, label, blank, label … blank; nothing may be left out between two equal
    labels, and no label ever.
    """
    import numpy as np

    codes = np.full(2 * len(labels) + 1, blank, dtype=np.int64)
    codes[1::2] = labels
    costs = np.full(len(codes), IMPOSSIBLE)
    costs[3::2][codes[3::2] != codes[1:-2:2]] = 0.0
    return codes, costs


def _best_path(log_probs: Any, codes: Any, costs: Any) -> Any:
    """Return the state of every frame, int array of shape (frames,)."""
    import numpy as np

    frames, states = len(log_probs), len(codes)
    block = max(1, int(np.sqrt(frames)))
    # Two states in front that nothing comes from, so that every state has two before it.
    scores = np.full(states + 2, IMPOSSIBLE)
    scores[2:4] = log_probs[0, codes[:2]]
    kept = {0: scores}
    for frame in range(1, frames):
        scores = _step(scores, log_probs[frame, codes], costs)[0]
        if frame % block == 0:
            kept[frame] = scores
    path = np.empty(frames, dtype=np.int64)
    path[-1] = states - (1 if scores[-1] >= scores[-2] else 2)
    for start in sorted(kept, reverse=True):
        scores, moves = kept[start], []
        for frame in range(start + 1, min(start + block, frames - 1) + 1):
            scores, stay, near, far = _step(scores, log_probs[frame, codes], costs)
            moves.append(np.where(far > np.maximum(stay, near), 2, near > stay).astype(np.int8))
        for offset in range(len(moves) - 1, -1, -1):
            state = path[start + offset + 1]
            path[start + offset] = state - moves[offset][state]
    return path


def _step(scores: Any, emitted: Any, costs: Any) -> tuple[Any, Any, Any, Any]:
    """Return the scores after one more frame, and those of coming from here, one and two before."""
    import numpy as np

    stay, near, far = scores[2:], scores[1:-1], scores[:-2] + costs
    following = np.full(len(scores), IMPOSSIBLE)
    following[2:] = np.maximum(np.maximum(stay, near), far) + emitted
    return following, stay, near, far


def _spans(path: Any, log_probs: Any, labels: Sequence[int]) -> list[LabelSpan]:
    """Return the first frame, the frame after the last and the mean probability of each label."""
    import numpy as np

    places = np.arange(len(labels)) * 2 + 1
    firsts = np.searchsorted(path, places, side="left")
    afters = np.searchsorted(path, places, side="right")
    return [
        LabelSpan(int(first), int(after), float(np.exp(log_probs[first:after, label]).mean()))
        for first, after, label in zip(firsts, afters, labels, strict=True)
    ]
