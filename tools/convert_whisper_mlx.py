#!/usr/bin/env python3
"""
Convert Whisper for MLX: weights of faster-whisper (CTranslate2) to the layout of mlx-whisper.

The pipeline does this by itself when ASR_ENGINE=mlx and models/mlx/<name> is missing; this tool is
for models of your own.

Usage:
    venv/mlx/bin/python tools/convert_whisper_mlx.py CT2_FOLDER TARGET
    ./prepare-job.sh … --set ASR_ENGINE=mlx --set WHISPER_MODEL=TARGET
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.common_python import tell_purpose  # noqa: E402

if __name__ == "__main__":
    tell_purpose(__file__, without="numpy")

from scripts.whisper.mlx.mlx_weights import convert  # noqa: E402
from shared.core.errors import EXIT_SUCCESS, InputError  # noqa: E402
from shared.core.usage import CommandParser, ended, named_path, usage_of  # noqa: E402


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Return the command line's options.

    Args:
        arguments: Without the program's name; None takes those of the process.
    """
    parser = CommandParser(
        prog="tools/convert_whisper_mlx.py",
        description=(__doc__ or "").strip().split("\n")[0],
        examples=usage_of(__doc__),
    )
    parser.add_argument("source", type=named_path, help="folder with model.bin and config.json")
    parser.add_argument("target", type=named_path, help="folder to make; it must not exist")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Convert one model; return the exit code.

    Args:
        arguments: Without the program's name; None takes those of the process.

    Raises:
        InputError: The target is there already.
    """
    options = parse_arguments(arguments)
    if options.target.exists():
        raise InputError(f"{options.target} is there already", hint="Name a new folder")
    convert(options.source, options.target)
    print(options.target)
    return EXIT_SUCCESS


if __name__ == "__main__":
    sys.exit(ended(main))
