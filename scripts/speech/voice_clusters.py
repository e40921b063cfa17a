#!/usr/bin/env python3
"""
Voice clusters: which voices are one speaker's, by the distance of what they sound like.

Usage:
    from scripts.speech.voice_clusters import SpeakerRules, cluster_voices

    centres = cluster_voices(voices, seconds, SpeakerRules(most=2))
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Speakers who speak less in all are taken for a slip of the clustering, seconds.
LEAST_SPEECH = 1.6


@dataclass(frozen=True)
class SpeakerRules:
    """How many speakers there may be (most = 0: no limit), and how far apart two voices are.

    `distance`: voices that are further apart (cosine) are two speakers; `alike`: units that are
    nearer surely are one's. Both are those of the network that embeds the voices.
    """

    fewest: int = 1
    most: int = 0
    distance: float = 0.28
    alike: float = 0.2


def cluster_voices(voices: Any, weights: Any, rules: SpeakerRules) -> Any:
    """Return one centre for each speaker, shape (speakers, values).

    Units that are much alike are joined first, by average linkage; then whole speakers, by the
    distance of their mean voices: single units of one speaker may differ as much as two speakers
    do, mean voices do not.

    Args:
        voices: float array of unit vectors, shape (units, values).
        weights: Seconds of each.
        rules: How many speakers, how different.
    """
    import numpy as np

    labels = _alike(voices, rules)
    count = int(labels.max()) + 1
    sums = np.zeros((count, voices.shape[1]))
    np.add.at(sums, labels, voices * weights[:, None])
    sums, seconds = merge_voices(sums, np.bincount(labels, weights=weights), rules)
    kept = np.flatnonzero(seconds >= LEAST_SPEECH)
    if len(kept) < rules.fewest:
        kept = np.argsort(-seconds)[: rules.fewest]
    return np.stack([unit_length(one) for one in sums[kept]])


def _alike(voices: Any, rules: SpeakerRules) -> Any:
    """Return a number for each voice, the same for those that surely are one speaker."""
    import numpy as np

    # scikit-learn has the same, but its import takes ten times as long as everything here.
    from scipy.cluster.hierarchy import fcluster, linkage

    if len(voices) <= max(2, rules.fewest):
        return np.arange(len(voices))
    tree = linkage(voices, method="average", metric="cosine")
    found = fcluster(tree, rules.alike, criterion="distance") - 1
    if found.max() + 1 < rules.fewest:
        found = fcluster(tree, rules.fewest, criterion="maxclust") - 1
    return found


def merge_voices(sums: Any, seconds: Any, rules: SpeakerRules) -> tuple[Any, Any]:
    """Join the two speakers whose mean voices are nearest, as long as the rules say.

    Args:
        sums: Summed voices of each, shape (speakers, values).
        seconds: How long each speaks, shape (speakers,).
        rules: How many speakers, how different.

    Returns:
        The sums and seconds of those that are left.
    """
    import numpy as np

    sums, seconds = sums.copy(), seconds.copy()
    centres = np.stack([unit_length(one) for one in sums])
    apart = 1 - centres @ centres.T
    np.fill_diagonal(apart, np.inf)
    left = np.ones(len(sums), bool)
    while left.sum() > max(1, rules.fewest):
        first, second = np.unravel_index(int(apart.argmin()), apart.shape)
        too_many = 0 < rules.most < left.sum()
        if apart[first, second] >= rules.distance and not too_many:
            break
        sums[first] += sums[second]
        seconds[first] += seconds[second]
        left[second] = False
        centres[first] = unit_length(sums[first])
        row = np.where(left, 1 - centres @ centres[first], np.inf)
        row[first] = np.inf
        apart[first, :], apart[:, first] = row, row
        apart[second, :], apart[:, second] = np.inf, np.inf
    return sums[left], seconds[left]


def unit_length(vector: Any) -> Any:
    """Return a vector of length 1 in the same direction.

    Args:
        vector: Shape (values,); one of zeros stays as it is.
    """
    import numpy as np

    return vector / max(float(np.linalg.norm(vector)), 1e-9)
