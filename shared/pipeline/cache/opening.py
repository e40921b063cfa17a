#!/usr/bin/env python3
"""
Open cache: the cache that a configuration names.

Usage:
    from shared.pipeline.cache.opening import open_cache

    cache = open_cache(load_config())
"""

from __future__ import annotations

from pathlib import Path

from shared.core.paths import PROJECT_ROOT
from shared.core.settings import PipelineConfig
from shared.pipeline.cache.cache import ResultCache

GIB = 1 << 30
DAY_SECONDS = 86_400.0
CACHE_FOLDER = ".cache"


def open_cache(config: PipelineConfig) -> ResultCache:
    """Return the cache of a configuration.

    Args:
        config: CACHE_DIR, CACHE_MAX_GB, CACHE_MAX_DAYS, and OUTPUT_ROOT where CACHE_DIR is empty.
    """
    named = config.cache_dir or str(Path(config.output_root) / CACHE_FOLDER)
    return ResultCache(
        PROJECT_ROOT / Path(named).expanduser(),
        int(config.cache_max_gb * GIB),
        config.cache_max_days * DAY_SECONDS,
    )
