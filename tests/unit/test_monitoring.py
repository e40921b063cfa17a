#!/usr/bin/env python3
"""Tests of docs/MONITORING.md and of the dashboard: both know the metrics that there are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest
from prometheus_client.core import Metric

from shared.core.paths import PROJECT_ROOT
from shared.observability.metrics.instruments import Instruments
from shared.observability.metrics.live import LiveMetrics

PAGE = (PROJECT_ROOT / "docs" / "MONITORING.md").read_text("utf-8")
DASHBOARD = json.loads((PROJECT_ROOT / "docs" / "grafana" / "cp-whisperx.json").read_text("utf-8"))
PANELS = {panel["title"]: panel for panel in DASHBOARD["panels"]}
ENDINGS = {
    "counter": ("_total",),
    "histogram": ("_bucket", "_sum", "_count"),
    "summary": ("_sum", "_count"),
    "gauge": ("",),
}


def families() -> dict[str, Metric]:
    """Return every metric by the name under which it is documented."""
    registries = (Instruments().registry, LiveMetrics().registry)
    found = [family for registry in registries for family in registry.collect()]
    return {one.name + ("_total" if one.type == "counter" else ""): one for one in found}


def samples() -> set[str]:
    """Return the names that Prometheus stores."""
    return {one.name + end for one in families().values() for end in ENDINGS[one.type]}


def labels() -> dict[str, set[str]]:
    """Return the labels of each metric."""
    found: dict[str, set[str]] = {}
    for one in (Instruments(), LiveMetrics()):
        for metric in vars(one).values():
            if hasattr(metric, "_labelnames"):
                (family,) = metric.describe()
                found.setdefault(family.name, set()).update(metric._labelnames)
    return found


def queries() -> Iterator[str]:
    """Yield every query of the dashboard."""
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield target["expr"]


def unknown(query: str) -> set[str]:
    """Return the metrics of a query that do not exist."""
    return set(re.findall(r"\bpipeline_\w+", query)) - samples()


@pytest.mark.parametrize("query", list(queries()))
def test_a_query_asks_for_metrics_and_labels_that_there_are(query: str) -> None:
    assert re.search(r"\bpipeline_\w+", query) and not unknown(query)
    assert query.count("(") == query.count(")") and query.count("{") == query.count("}")
    grouped = re.findall(r"by \(([\w, ]+)\)", query)
    wanted = {name.strip() for group in grouped for name in group.split(",")}
    wanted |= set(re.findall(r"[{,]\s*(\w+)=", query))
    names = re.findall(r"\bpipeline_\w+", query)
    there = {"le"} if "_bucket" in query else set()
    for name in names:
        family = re.sub(r"_(total|bucket|sum|count)$", "", name)
        there |= labels().get(family, set()) | labels().get(name, set())
    assert wanted <= there


def test_a_query_for_a_metric_that_is_gone_is_found() -> None:
    assert unknown("rate(pipeline_gone_total[5m])") == {"pipeline_gone_total"}
    assert unknown("pipeline_stages_completed") == {"pipeline_stages_completed"}


def test_the_dashboard_is_one_that_grafana_takes() -> None:
    (source,) = DASHBOARD["templating"]["list"]
    assert (source["type"], source["query"]) == ("datasource", "prometheus")
    numbers = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(numbers)) == len(numbers) == len(PANELS)
    for panel in DASHBOARD["panels"]:
        assert panel["type"] in {"stat", "timeseries"}
        for one in (panel, *panel["targets"]):
            assert one["datasource"] == {"type": "prometheus", "uid": "${%s}" % source["name"]}
        refs = [target["refId"] for target in panel["targets"]]
        assert len(set(refs)) == len(refs)
        place = panel["gridPos"]
        assert place["x"] >= 0 and place["x"] + place["w"] <= 24
    assert not [pair for pair in combinations(PANELS, 2) if overlap(*(PANELS[one] for one in pair))]


def overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Return whether two panels cover one another."""
    a, b = one["gridPos"], other["gridPos"]
    beside = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
    above = a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]
    return not (beside or above)


def test_the_page_lists_every_metric_with_its_labels() -> None:
    rows = re.findall(r"^\| `(pipeline_\w+)` \| ([\w, ]*) ?\|", PAGE, re.M)
    told = {name: {label.strip() for label in text.split(",")} - {""} for name, text in rows}
    known = labels()
    assert set(told) == set(families())
    for name, given in told.items():
        assert given == known[families()[name].name]
