#!/usr/bin/env python3
"""
Pytest elsewhere: run tests with the libraries of one environment and the pytest of another.

Engines live in environments without test tools; this appends the packages of venv/common to the
end of the path, so that the engine's own packages win and nothing is installed into it.

Usage:
    venv/demucs/bin/python tests/support/pytest_elsewhere.py tests/integration/test_sound_engines.py
"""

from __future__ import annotations

import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    """Run pytest with the arguments; return its exit code."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    tools = PROJECT_ROOT / "venv" / "common" / "lib" / version / "site-packages"
    sys.path[0] = str(PROJECT_ROOT)
    sys.path.append(str(tools))
    import pytest

    return int(pytest.main(["-p", "no:cacheprovider", *arguments]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
