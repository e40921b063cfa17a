#!/usr/bin/env python3
"""
Disk: what environments take on the disk, files that they share counted once.

Standard library only: bootstrap uses this before any environment exists.

Usage:
    from shared.doctor.disk import disk_use

    use = disk_use([Path("venv/common"), Path("venv/whisperx")])
    use.ratio   # all together, as a multiple of the largest
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from shared.core.files import bytes_on_disk

# All environments together may take so much more than the largest (issue B).
MOST_RATIO = 1.3


@dataclass(frozen=True)
class DiskUse:
    """Bytes on the disk: of all folders together, and of the one that holds most."""

    total: int
    largest: int
    largest_name: str

    @property
    def ratio(self) -> float:
        """All together as a multiple of the largest; 1.0 without any."""
        return self.total / self.largest if self.largest else 1.0


def disk_use(folders: Iterable[Path]) -> DiskUse:
    """Measure folders; one that is not there takes nothing.

    Args:
        folders: The environments' folders.

    Returns:
        Bytes in all; what folders share (hard links) counts once there.
    """
    seen: set[tuple[int, int]] = set()
    total, largest, name = 0, 0, ""
    for folder in folders:
        own = bytes_on_disk(folder)
        size = sum(own.values())
        total += sum(bytes_ for file, bytes_ in own.items() if file not in seen)
        seen.update(own)
        if size > largest:
            largest, name = size, folder.name
    return DiskUse(total, largest, name)
