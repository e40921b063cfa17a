#!/usr/bin/env python3
"""
Exposition: what /metrics shows: what runs counted, and what is so just now.

With METRICS_FILE, what runs have counted there; without, what the jobs' event streams say.

Usage:
    from shared.health.exposition import Exposition

    Exposition().text()
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from prometheus_client import CONTENT_TYPE_LATEST
from prometheus_client.core import Metric

from shared.config import load_config
from shared.core.settings import PipelineConfig
from shared.observability.metrics.follow import EventFollower
from shared.observability.metrics.live import LiveMetrics
from shared.observability.metrics.textfile import merge, read_textfile, text_of, textfile
from shared.pipeline.job.job import output_root


class Exposition:
    """Reads and shows metrics, for one asker at a time."""

    type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._live = LiveMetrics()
        self._follower = EventFollower()

    def text(self) -> str:
        """Return all metrics as Prometheus reads them."""
        with self._turn:
            config = load_config()
            self._live.measure(config)
            return text_of(merge(self._counted(config), self._live.registry.collect()))

    def _counted(self, config: PipelineConfig) -> Iterable[Metric]:
        if config.metrics_file:
            return read_textfile(textfile(config.metrics_file))
        self._follower.follow(output_root(config))
        return self._follower.instruments.registry.collect()
