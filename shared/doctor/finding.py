#!/usr/bin/env python3
"""
Finding: one thing that was looked at, how it is, and the command that mends it.

Usage:
    from shared.doctor.finding import Finding

    Finding("ffmpeg", "missing", "not on PATH", "./bootstrap.sh")
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# good: as it should be. degraded: works, with something less. missing: the main job needs it.
# off: not there and not needed by today's configuration.
Level = Literal["good", "degraded", "missing", "off"]


@dataclass(frozen=True)
class Finding:
    """What was found.

    `name`: what was looked at. `detail`: one line. `command`: what mends it, "" when nothing
    needs mending. `engine`, `environment`, `fallback`: for a stage, what will run it, where, and
    what steps in when it cannot ("" without one).
    """

    name: str
    level: Level
    detail: str
    command: str = ""
    engine: str = ""
    environment: str = ""
    fallback: str = ""
