#!/usr/bin/env python3
"""
Range: the part of a film that is read.

Usage:
    from shared.media.range import range_options

    media_input(film, **range_options(clip))
"""

from __future__ import annotations

from shared.pipeline.job import ClipRange


def range_options(clip: ClipRange | None, run_up: float = 0.0) -> dict[str, str]:
    """Return the options that open the part of a film, to the microsecond.

    Args:
        clip: The part; None = all.
        run_up: Read from this many seconds earlier, where there are so many.
    """
    if clip is None:
        return {}
    start = max(0.0, clip.start - run_up)
    return {"ss": f"{start:.6f}", "t": f"{clip.end - start:.6f}"}
