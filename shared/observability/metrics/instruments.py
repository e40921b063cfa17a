#!/usr/bin/env python3
"""
Instruments: the metrics that there are, by name, with what each counts (standards 10.1).

Usage:
    from shared.observability.metrics.instruments import Instruments

    metrics = Instruments()
    metrics.stages_completed.labels(stage="asr", status="success").inc()
    generate_latest(metrics.registry)
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Summary

# Every name begins so; what does not is not ours.
PREFIX = "pipeline_"
# Seconds: the standards' own, and what a whole film takes.
DURATION_BUCKETS = (1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 10800)


class Instruments:
    """All metrics of runs, in a registry of their own.

    Attributes:
        registry: What generate_latest() takes.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._of_stages()
        self._of_runs()
        self._of_services()
        self._of_speech()

    def _of_stages(self) -> None:
        stage = ("stage",)
        self.stages_completed = self._counter(
            "stages_completed", "Total stages completed", "stage", "status"
        )
        self.stage_duration = Histogram(
            f"{PREFIX}stage_duration_seconds",
            "Stage processing duration",
            stage,
            buckets=DURATION_BUCKETS,
            registry=self.registry,
        )
        self.stage_cpu_seconds = self._counter(
            "stage_cpu_seconds", "CPU seconds of a stage's processes", *stage
        )
        self.stage_peak_memory = self._gauge(
            "stage_peak_memory_bytes", "Most memory that a stage's last run took", *stage
        )
        self.stage_media_seconds = self._counter(
            "stage_media_seconds", "Seconds of film that a stage worked through", *stage
        )
        self.stage_speed = self._gauge(
            "stage_media_seconds_per_second", "Seconds of film a second, a stage's last run", *stage
        )
        self.cache_hits = self._counter(
            "cache_hits", "Results taken from the cache instead of made", *stage
        )
        self.fallbacks = self._counter(
            "fallbacks", "Rungs of a fallback ladder that failed and were left", "stage", "rung"
        )
        self.retries = self._counter("retries", "Stages tried again after a failure", *stage)

    def _of_runs(self) -> None:
        self.active_jobs = self._gauge("active_jobs", "Currently active jobs")
        self.runs_completed = self._counter(
            "runs_completed",
            "Runs that had something to do, by how they ended",
            "workflow",
            "status",
        )
        self.run_duration = self._summary("run_duration_seconds", "Runs as a whole", "workflow")
        self.last_run = self._gauge(
            "last_run_timestamp_seconds", "When the last run ended, seconds since 1970", "status"
        )

    def _of_services(self) -> None:
        self.service_calls = self._counter(
            "service_calls", "Calls of a service over the network", "service", "outcome"
        )
        self.service_duration = self._summary(
            "service_call_duration_seconds", "Calls that the service was asked", "service"
        )

    def _of_speech(self) -> None:
        self.speech_seconds = self._counter("speech_seconds", "Seconds of speech that were found")
        self.quarantined_seconds = self._counter(
            "quarantined_seconds", "Seconds of speech with text that is not believed"
        )
        self.uncovered_seconds = self._counter(
            "uncovered_seconds", "Seconds of speech without any text"
        )

    def _counter(self, name: str, purpose: str, *labels: str) -> Counter:
        return Counter(PREFIX + name, purpose, labels, registry=self.registry)

    def _gauge(self, name: str, purpose: str, *labels: str) -> Gauge:
        return Gauge(PREFIX + name, purpose, labels, registry=self.registry)

    def _summary(self, name: str, purpose: str, *labels: str) -> Summary:
        return Summary(PREFIX + name, purpose, labels, registry=self.registry)
