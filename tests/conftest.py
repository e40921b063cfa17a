#!/usr/bin/env python3
"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

# A machine under load is no failure; fifty examples keep the unit tests under a minute.
settings.register_profile("suite", deadline=None, max_examples=50)
settings.load_profile("suite")
