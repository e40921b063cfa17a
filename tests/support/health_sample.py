#!/usr/bin/env python3
"""
Health sample: what the standards' sample 10.2 answers, called in the environment web.

Usage:
    venv/web/bin/python tests/support/health_sample.py < SAMPLE     # one line of JSON
"""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace

names = {
    "VERSION": "1.2.3",
    "config": SimpleNamespace(device="cuda"),
    "check_models_loaded": lambda: True,
    "check_disk_space": lambda: 11_000_000_000,
    "check_gpu_available": lambda: False,
}
exec(compile(sys.stdin.read(), "sample", "exec"), names)
answers = {
    name: names[function]()  # type: ignore[operator]
    for name, function in {
        "/health": "health_check",
        "/health/ready": "readiness_check",
        "/health/live": "liveness_check",
    }.items()
}
sys.stdout.write(json.dumps(answers) + "\n")
