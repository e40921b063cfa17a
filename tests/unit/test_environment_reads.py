#!/usr/bin/env python3
"""Tests of the claim that environment variables are read in one place."""

from __future__ import annotations

import pytest

from shared.core.paths import PROJECT_ROOT
from tools.compliance.check_config import ENVIRONMENT
from tools.compliance.source import StageSource

READS = set(ENVIRONMENT) - {"os.putenv", "os.unsetenv"}
FOLDERS = ("shared", "scripts", "tools")
# What a module that touches the environment has in its text, however it imported it.
TRACES = {name.rpartition(".")[2].encode() for name in READS}
READERS = ("shared/config.py", "shared/core/configuration/")


def reads(file: str, text: bytes) -> list[str]:
    """Return where a module touches the environment, under whatever name it imported it."""
    if not any(trace in text for trace in TRACES):
        return []
    source = StageSource.parse("", file, text, stages=())
    found = []
    for node in source.nodes:
        name = source.qualified(node)
        if name in READS or name.startswith("os.environ."):
            found.append(f"{file}:{getattr(node, 'lineno', 0)}: {name}")
    return found


def test_the_environment_is_read_by_configuration_alone() -> None:
    files = [path for folder in FOLDERS for path in sorted((PROJECT_ROOT / folder).rglob("*.py"))]
    assert len(files) > 300
    names = {path: path.relative_to(PROJECT_ROOT).as_posix() for path in files}
    found = [
        one
        for path, name in names.items()
        if not name.startswith(READERS)
        for one in reads(name, path.read_bytes())
    ]
    assert found == []
    assert all(
        any(reads(name, path.read_bytes()) for path, name in names.items() if name.startswith(one))
        for one in READERS
    )


@pytest.mark.parametrize(
    "text",
    [
        "import os\nkey = os.environ['KEY']",
        "import os as o\nkey = o.getenv('KEY')",
        "from os import environ as e\nkey = e.get('KEY')",
        "from os import getenv\nkey = getenv('KEY')",
        "def late():\n    import os\n    return dict(os.environ)",
        "import os\nthe = os\nkey = the.environ.get('KEY')",
        "import os\nhome = os.path.expandvars('$HOME/x')",
    ],
)
def test_a_read_elsewhere_is_found(text: str) -> None:
    assert reads("shared/x.py", text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "import os\npid = os.getpid()",
        "environ = {}\nenviron['KEY'] = 1",
        "from shared.core.configuration.variables import variable\nvariable('KEY')",
        "def of(process):\n    return process.environ()",
    ],
)
def test_what_reads_no_variable_is_left_alone(text: str) -> None:
    assert not reads("shared/x.py", text.encode())
