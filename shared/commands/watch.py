#!/usr/bin/env python3
"""
Watch: the verb that does for ever, with what comes into folders, what the verb batch does once.

Usage:
    ./run-pipeline.sh watch films/ -s hi -t en --beside
"""

from __future__ import annotations

from shared.commands import batch


def main(argv: list[str]) -> int:
    """Watch folders and run the films that come; return the exit code.

    Args:
        argv: The arguments after 'watch'.

    Raises:
        InputError: They make no sense.
        UnavailableError: A watch of the same is running, or something is not here.
        DependencyError: The scheduler does not start.
    """
    return batch.main(argv, "watch")
