#!/usr/bin/env python3
"""
Output file: what is recorded of a file that a stage wrote, and whether it still is that file.

Usage:
    from shared.pipeline.job.output_file import OutputFile, describe_outputs

    recorded = describe_outputs(stage_dir)["segments.json"]
    recorded.holds(stage_dir / "segments.json")
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from shared.core.files import sha256_of
from shared.core.sharing import MEDIA_SUFFIXES

# What nobody shortens in an editor: shorter than it was, it is cut off.
FILM_AND_SOUND = MEDIA_SUFFIXES | {".mkv", ".mp4"}
HEAD_BYTES = 4096
LONGEST_EDIT = 1 << 30  # bytes of a text


class OutputFile(BaseModel):
    """A file that a stage wrote; size, time and inode tell cheaply that it did not change."""

    model_config = ConfigDict(extra="forbid")

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")  # becomes a file's name in the cache
    size: int = Field(ge=0, description="bytes")
    mtime_ns: int
    inode: int = 0

    @classmethod
    def of(cls, path: Path, sha256: str | None = None) -> OutputFile:
        """Return the record of a file.

        Args:
            path: The file.
            sha256: Its digest where it is known; else the file is read.
        """
        status = path.stat()
        return cls(
            sha256=sha256 or sha256_of(path),
            size=status.st_size,
            mtime_ns=status.st_mtime_ns,
            inode=status.st_ino,
        )

    def matches(self, path: Path) -> bool:
        """Return whether the file looks untouched since it was recorded, without reading it.

        A file that was put back with its old time has another inode, and is read.

        Args:
            path: The file as it lies there now; False where a run has just put it aside.
        """
        try:
            status = path.stat()
        except FileNotFoundError:
            return False
        recorded = (self.size, self.mtime_ns, self.inode)
        return recorded == (status.st_size, status.st_mtime_ns, status.st_ino)

    def loss(self, path: Path) -> str:
        """Return how the file was lost, in a way in which nobody edits it; empty if it was not.

        A full disk, a power cut or a bad copy leaves no bytes, zeros, or sound and film cut off.

        Args:
            path: The file as it lies there now, or does not.
        """
        try:
            return self._loss(path) if path.is_file() else "gone"
        except FileNotFoundError:  # a run has just put it aside
            return "gone"

    def _loss(self, path: Path) -> str:
        if self.size == 0 or self.matches(path):
            return ""
        size = path.stat().st_size
        if size == 0:
            return "empty"
        if size < self.size and path.suffix in FILM_AND_SOUND:
            return "cut off"
        if size > max(self.size, LONGEST_EDIT) and path.suffix not in FILM_AND_SOUND:
            return "longer than anything that is edited"
        with path.open("rb") as stream:
            return "" if stream.read(HEAD_BYTES).strip(b"\0") else "nothing but zeros"

    def holds(self, path: Path) -> bool:
        """Return whether the file is there with the recorded content; reads it if it must.

        Args:
            path: The file as it lies there now, or does not.
        """
        try:
            if not path.is_file():
                return False
            if self.matches(path):
                return True
            return path.stat().st_size == self.size and sha256_of(path) == self.sha256
        except FileNotFoundError:  # a run has just put it aside
            return False


def describe_outputs(directory: Path) -> dict[str, OutputFile]:
    """Return the record of every file that a stage wrote.

    Args:
        directory: The stage's directory.

    Returns:
        File name relative to the directory, to its digest, size and time.
    """
    described: dict[str, OutputFile] = {}
    for path in sorted(directory.rglob("*")):
        if path.is_file():
            described[str(path.relative_to(directory))] = OutputFile.of(path)
    return described
