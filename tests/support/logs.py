#!/usr/bin/env python3
"""
Logs: what a job's logs say, for tests.

Usage:
    from tests.support.logs import json_lines, parameters_at_the_top

    for name, records in json_lines(job_dir).items(): ...
"""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

PARAMETER = re.compile(r"  ([A-Z0-9_]+): (.*)")


def json_lines(job_dir: Path) -> dict[str, list[dict[str, Any]]]:
    """Return every line of every log of a job with LOG_FORMAT=json, by the log's name.

    Args:
        job_dir: The job directory.

    Raises:
        ValueError: A line is not JSON.
    """
    return {
        path.name: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for path in sorted((job_dir / "logs").glob("[0-9]*"))
    }


def parameters_at_the_top(messages: list[str]) -> dict[str, str]:
    """Return the parameters with which a stage's log begins, as it shows them.

    Args:
        messages: The messages of the log, in order.
    """
    if messages[:1] != ["Configuration:"]:
        return {}
    block = itertools.takewhile(bool, map(PARAMETER.fullmatch, messages[1:]))
    return {found[1]: found[2] for found in block if found}
