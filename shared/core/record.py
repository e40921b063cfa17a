#!/usr/bin/env python3
"""
Record: the base of every model in a stage file.

Usage:
    from shared.core.record import SCHEMA_VERSION, Record
"""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict

SCHEMA_VERSION: Final = 1


class Record(BaseModel):
    """Base of every model in a stage file: unknown fields are errors, never silently lost."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
