#!/usr/bin/env python3
"""
Completion options: the command line of the verb completion.

Standard library only: --help is shown where no environment exists.

Usage:
    from shared.commands.completion_options import completion_parser
"""

from __future__ import annotations

import argparse

from shared.core.usage import RUN, CommandParser

SHELLS = ("bash", "zsh")


def completion_parser() -> argparse.ArgumentParser:
    """Return the parser of the verb completion."""
    parser = CommandParser(
        prog=f"{RUN} completion",
        description="Write what completes this command's verbs, options, stages and files by Tab.",
        examples="""
  source <(./run-pipeline.sh completion bash)         in ~/.bashrc, or typed for this shell
  eval "$(./run-pipeline.sh completion zsh)"          the same in ~/.zshrc, after compinit
""",
        codes="0 written, 2 no such shell",
    )
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help=" or ".join(SHELLS))
    return parser
