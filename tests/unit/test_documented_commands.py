#!/usr/bin/env python3
"""Tests of the documents: every command in README and docs is one that its own parser takes."""

from __future__ import annotations

import argparse
import importlib
import inspect
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shared.commands.options import VERBS, prepare_parser, run_parser
from shared.core.errors import InputError
from shared.core.paths import PROJECT_ROOT
from tools.bootstrap.arguments import parse_arguments as parse_bootstrap

DOCUMENTS = [PROJECT_ROOT / "README.md", *sorted(PROJECT_ROOT.glob("docs/*.md"))]
PROGRAM = re.compile(
    r"(?:run-pipeline|prepare-job|bootstrap)\.sh|(?:tools|tests)/[\w/-]+\.(?:py|sh)"
)
PYTHONS = ("python3", "venv/common/bin/python")
FENCE = re.compile(r"^```.*?\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
# What stands for more of a command, or of several: '…' for what came before.
REST = {"…", "..."}
ENDS = {"|", "||", "&&", ";", ">", ">>", "&", "#", "(", ")", "<"}
PARSERS = ("make_parser", "build_parser", "_parser")
# Words of the documents that stand for a value, and one that it may have.
VALUES = {"N": "3", "AGE": "30d", "HH:MM": "22:00", "LANG": "hi", "STAGE": "asr", "W": "subtitle"}


def commands() -> Iterator[tuple[str, str, list[str]]]:
    """Yield document, program and arguments of each command."""
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        lines = [line for block in FENCE.findall(text) for line in block.splitlines()]
        lines += INLINE.findall(FENCE.sub("", text))
        for line in lines:
            found = command_in(line)
            if found is not None:
                yield path.name, *found


def command_in(line: str) -> tuple[str, list[str]] | None:
    """Return program and arguments where a line begins with one of ours, None of others."""
    line = line.replace("\\|", "|").partition(" 2>")[0]
    lexer = shlex.shlex(line, posix=True, punctuation_chars="();<>&")
    lexer.whitespace_split, lexer.commenters = True, "#"
    try:
        words = list(lexer)
    except ValueError:  # prose with an apostrophe
        return None
    while words and (re.fullmatch(r"[A-Z_]+=.*", words[0]) or words[0] in PYTHONS):
        words.pop(0)
    if len(words) > 1 and words[0] in REST and words[1].startswith("-"):
        words = ["./run-pipeline.sh", "subtitle", "film.mkv", *words[1:]]
    if not words or not (named := PROGRAM.search(words[0])) or not words[0].endswith(named[0]):
        return None
    arguments: list[str] = []
    for word in words[1:]:
        if word in ENDS or set(word) <= set("();<>&|"):
            break
        arguments.append(VALUES.get(word, word))
    return named[0], arguments


def alternatives(arguments: list[str]) -> list[list[str]]:
    """Return the command lines that 'a|b' stands for where a verb or an option is meant."""
    for place, word in enumerate(arguments):
        parts = word.split("|")
        if len(parts) > 1 and all(re.fullmatch(r"-*[a-z-]+", part) for part in parts):
            before, after = arguments[:place], arguments[place + 1 :]
            return [[*before, part, *after] for part in parts]
    return [arguments]


def parse(program: str, arguments: list[str]) -> None:
    """Parse a command line as its program does."""
    if REST & set(arguments):
        return parse_begun(program, [one for one in arguments if one not in REST])
    if program == "tools/install-schedule.py" and "--" in arguments:
        place = arguments.index("--")
        VERBS["batch"]().parse_args(arguments[place + 1 :])
        arguments = arguments[:place]
    if program == "run-pipeline.sh":
        verb = arguments[0] if arguments else ""
        if verb in VERBS:
            VERBS[verb]().parse_args(arguments[1:])
        else:
            run_parser().parse_intermixed_args(arguments)
    elif program == "prepare-job.sh":
        prepare_parser().parse_args(arguments)
    elif program == "bootstrap.sh":
        parse_bootstrap(arguments)
    elif parser := parser_of(program):
        parser(arguments)
    else:  # what parses amid its work: its options are at least named in it
        text = (PROJECT_ROOT / program).read_text(encoding="utf-8")
        options = [word.partition("=")[0] for word in arguments if word.startswith("--")]
        if unknown := [one for one in options if one not in text]:
            raise InputError(f"unrecognized arguments: {unknown}")


def parse_begun(program: str, arguments: list[str]) -> None:
    """Parse what a document leaves open: it may lack something, but nothing in it is wrong."""
    try:
        parse(program, arguments)
    except InputError as error:
        if "required" not in error.cause:
            raise


def parser_of(program: str) -> Callable[[list[str]], object] | None:
    """Return what parses the command line of a tool, None where that is no function of its own."""
    if not program.endswith(".py"):
        return None
    name = program.removesuffix(".py").replace("/", ".")
    module = importlib.import_module(name)
    maker = next((getattr(module, one) for one in PARSERS if hasattr(module, one)), None)
    if maker is not None:
        wanted = [module.__doc__] if inspect.signature(maker).parameters else []
        parser: argparse.ArgumentParser = maker(*wanted)
        return parser.parse_args
    return getattr(module, "parse_arguments", None)


def is_a_name(arguments: list[str]) -> bool:
    """Return whether a program, an option of it or its help is only named: no command is shown."""
    is_option = len(arguments) == 1 and arguments[0].startswith("--")
    return not arguments or is_option or "--help" in arguments or "-h" in arguments


@pytest.mark.slow
def test_every_documented_command_is_taken_by_its_parser() -> None:
    wrong, seen = [], 0
    for document, program, given in commands():
        assert (PROJECT_ROOT / program).is_file(), (document, program)
        for arguments in [] if is_a_name(given) else alternatives(given):
            seen += 1
            try:
                parse(program, arguments)
            except InputError as error:
                wrong.append((document, program, arguments, error.cause))
    assert wrong == []
    assert seen > 60


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("./run-pipeline.sh subtitle film.mkv --besides", "unrecognized"),
        ("./run-pipeline.sh jobs clean --older-than soon", "soon"),
        ("tools/backup.sh --too /backup", "--too"),
        ("python3 tools/cache.py shrink", "shrink"),
    ],
)
def test_a_wrong_command_is_found(line: str, complaint: str) -> None:
    found = command_in(line)
    assert found is not None
    with pytest.raises(InputError, match=re.escape(complaint)):
        parse(*found)


def test_files_that_documents_link_to_are_there() -> None:
    gone = []
    for path in DOCUMENTS:
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8")):
            if "://" not in link and not Path(path.parent / link).exists():
                gone.append((path.name, link))
    assert gone == []
