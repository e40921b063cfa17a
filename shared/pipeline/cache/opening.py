#!/usr/bin/env python3
"""
Open cache: the cache that a configuration names.

Usage:
    from shared.pipeline.cache.opening import open_cache

    cache = open_cache(load_config())
"""

from __future__ import annotations

import os
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
    named = PROJECT_ROOT / Path(config.cache_dir or config.output_root).expanduser()
    folder = named if config.cache_dir else _own_folder(named)
    return ResultCache(
        folder or named / CACHE_FOLDER,
        int(config.cache_max_gb * GIB) if folder is not None else 0,
        config.cache_max_days * DAY_SECONDS,
    )


def _own_folder(output_root: Path) -> Path | None:
    """Return the user's own cache beside the jobs: another's could hold results that nobody made.

    None where other users have taken both names: then there is no cache.
    """
    names = (CACHE_FOLDER, f"{CACHE_FOLDER}-{os.geteuid()}")
    folders = (output_root / name for name in names)
    return next((folder for folder in folders if _may_be_own(folder, output_root)), None)


def _may_be_own(folder: Path, output_root: Path) -> bool:
    try:
        owner = folder.lstat().st_uid
        # Some file systems show one owner for whatever anybody writes.
        same_as_all = owner == output_root.stat().st_uid and os.access(folder, os.W_OK)
    except OSError:
        return True
    return owner == os.geteuid() or same_as_all
