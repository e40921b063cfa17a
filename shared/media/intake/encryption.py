#!/usr/bin/env python3
"""
Encryption: whether a film is locked, so that it is called so before anything tries to decode it.

ffmpeg opens many locked films as if they were well, and decodes noise.

Usage:
    from shared.media.intake.encryption import refuse_encrypted

    refuse_encrypted(path, media.container)
"""

from __future__ import annotations

import mmap
from pathlib import Path

from shared.core.errors import InputError

LOOKED_AT = 8 << 20  # bytes of a stream without an index
# Names of samples in the description of a track (ISO/IEC 23001-7; Apple's before it).
LOCKED_SAMPLES = frozenset({b"encv", b"enca", b"encs", b"drms", b"drmi", b"p608"})
SAMPLE_NAME = 16  # bytes after the name 'stsd': itself, version, count, the first entry's size
# Content encryption objects of Windows Media (ASF specification 3.14, 3.15).
ASF_LOCKS = (
    bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e"),
    bytes.fromhex("14e68a292226174cb935dae07ee9289c"),
)
TS_SYNC = b"\x47"
# Bytes from one packet of a transport stream to the next: alone, timed (Blu-ray), with parity.
TS_SPACINGS = (188, 192, 204)
START = b"\0\0\1"
FIRST_PACKET = 0xBB  # with its length behind it; below are pack headers and the picture's own
PES_STREAMS = frozenset({0xBD, *range(0xC0, 0xF0)})
# So many packets of a stream are locked: a few flags in a damaged one are no lock.
LOCKED_SHARE = 0.1


def refuse_encrypted(path: Path, container: str) -> None:
    """Refuse a film whose sound or picture is encrypted.

    Args:
        path: The film.
        container: ffprobe's name for what it is.

    Raises:
        InputError: It is, by what its container says.
    """
    names = set(container.split(","))
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        locked = (
            ("mov" in names and _mp4_is_locked(data))
            or ("asf" in names and any(data.find(lock, 0, LOOKED_AT) >= 0 for lock in ASF_LOCKS))
            or ("mpegts" in names and _ts_is_locked(data[:LOOKED_AT]))
            or ("mpeg" in names and _pes_is_locked(data[:LOOKED_AT]))
        )
    if locked:
        raise InputError(
            f"{path.name} is encrypted: it cannot be decoded without its key",
            hint="Use a copy that is not protected",
        )


def _mp4_is_locked(data: mmap.mmap) -> bool:
    """Return whether a track's samples are encrypted ones; the index may be at either end."""
    place = 0
    while place + 8 <= len(data):
        size, name = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8]
        if size == 1:
            size = int.from_bytes(data[place + 8 : place + 16], "big")
        if name == b"moov":
            return _has_locked_samples(data, place, place + size)
        if size < 8:
            return False
        place += size
    return False


def _has_locked_samples(data: mmap.mmap, first: int, end: int) -> bool:
    found = data.find(b"stsd", first, end)
    while found >= 0:
        if data[found + SAMPLE_NAME : found + SAMPLE_NAME + 4] in LOCKED_SAMPLES:
            return True
        found = data.find(b"stsd", found + 4, end)
    return False


def _ts_is_locked(data: bytes) -> bool:
    """Return whether packets of a transport stream carry a scrambling mark (ISO 13818-1, 2.4.3)."""
    marks = max((_ts_marks(data, spacing) for spacing in TS_SPACINGS), key=len)
    return sum(marks) > LOCKED_SHARE * len(marks)


def _ts_marks(data: bytes, spacing: int) -> list[bool]:
    """Return the marks of the packets that have two more in step; after damage they lie elsewhere."""
    marks: list[bool] = []
    place = data.find(TS_SYNC)
    while place >= 0:
        if all(data[at : at + 1] == TS_SYNC for at in (place + spacing, place + 2 * spacing)):
            marks.append(bool(data[place + 3] & 0xC0))
            place += spacing
        else:
            place = data.find(TS_SYNC, place + 1)
    return marks


def _pes_is_locked(data: bytes) -> bool:
    """Return whether packets of a programme stream, as of a DVD, carry a scrambling mark.

    What looks like a packet inside of another's sound is none: after one comes the next.
    """
    marks: list[bool] = []
    place = data.find(START)
    while 0 <= place < len(data) - 7:
        after = place + 6 + int.from_bytes(data[place + 4 : place + 6], "big")
        is_packet = data[place + 3] >= FIRST_PACKET and data[after : after + 3] == START
        if is_packet and data[place + 3] in PES_STREAMS and data[place + 6] & 0xC0 == 0x80:
            marks.append(bool(data[place + 6] & 0x30))
        place = after if is_packet else data.find(START, place + 3)
    return sum(marks) > LOCKED_SHARE * len(marks)
