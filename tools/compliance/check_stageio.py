#!/usr/bin/env python3
"""
StageIO check: files go through StageIO and nothing goes around it (standards 4, 15.2)

Usage:
    from tools.compliance.check_stageio import check
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tools.compliance.imports import import_reasons
from tools.compliance.paths import HERE, JOB_DIR, STAGE_DIR, UNKNOWN, PathFolder
from tools.compliance.source import Reason, StageSource, last_name
from tools.compliance.tracking import Tracked, discarded, passed_on

STAGE_IO = "shared.stage_utils.StageIO"
FILE_ATTRIBUTE = re.compile(
    r"^(get_|read|write|load|save|copy|require|input|output|stage_dir|job|media)"
)
WRITES = re.compile(r"^(write|save|copy|require)")
NOT_A_USE = frozenset(
    "get_stage_logger print str repr bool id type len isinstance hasattr vars dir format".split()
)
STAGE_FOLDER = re.compile(r"(^|/)\d\d_")
TRAVERSAL = re.compile(r"(^|/)\.\.(/|$)")
CONFIG_FILE = re.compile(
    r"(\.(ya?ml|ini|cfg|toml|env|conf)|\.env[\w.-]*|(config|settings)[\w-]*\.json)$", re.I
)
OPENERS = {"open", "io.open", "os.open", "codecs.open", "gzip.open", "wave.open", "numpy.load"}
OPENERS |= {"os.listdir", "os.scandir", "os.walk", "glob.glob", "shutil.copy", "shutil.copyfile"}
OPENERS |= {"shutil.copy2", "shutil.move", "shutil.copytree", "soundfile.read", "os.path.exists"}
READ_METHODS = {"read_text", "read_bytes", "open", "iterdir", "glob", "rglob", "exists", "is_file"}
READ_METHODS |= {"write_text", "write_bytes", "stat", "is_dir"}


def check(source: StageSource) -> list[Reason]:
    """Return why a stage does not use StageIO as it must.

    Args:
        source: The stage's script, parsed, its imports resolved.
    """
    stage_io = Tracked(source, STAGE_IO)
    reasons = import_reasons(source, stage_io, "shared.stage_utils", "StageIO")
    for call in stage_io.calls:
        reasons += _name_reasons(source, call)
    for node in stage_io.rebound():
        reasons.append(source.reason(node, "the StageIO object is replaced by something else"))
    if stage_io.calls and not any(_is_file_use(stage_io, r) for r in stage_io.references):
        message = "StageIO is made but no file goes through it (get_input_path, get_output_path)"
        reasons.append(source.reason(stage_io.calls[0], message))
    reasons += _from_stage_reasons(source)
    reasons += _around_reasons(source, stage_io)
    return reasons


def _name_reasons(source: StageSource, call: ast.Call) -> list[Reason]:
    """Check that StageIO is made for this very stage and kept."""
    named = [k.value for k in call.keywords if k.arg in ("stage", "stage_name", "name")]
    argument = (call.args + named + [None])[0]
    given = source.text_of(argument) if argument is not None else None
    reasons = []
    if given is None:
        reasons.append(source.reason(call, f'StageIO is not given its stage name "{source.stage}"'))
    elif given != source.stage:
        message = f'StageIO("{given}") in the script of stage "{source.stage}"'
        reasons.append(source.reason(call, message))
    if discarded(source, call):
        reasons.append(source.reason(call, "the StageIO object is thrown away"))
    return reasons


def _is_file_use(stage_io: Tracked, node: ast.expr) -> bool:
    """Tell whether a reference to the StageIO object takes a file or a folder from it."""
    parent = stage_io.source.parents.get(node)
    if isinstance(parent, ast.Attribute) and FILE_ATTRIBUTE.match(parent.attr):
        return bool(WRITES.match(parent.attr)) or not discarded(stage_io.source, parent)
    return passed_on(stage_io, node, NOT_A_USE)


def _from_stage_reasons(source: StageSource) -> Iterator[Reason]:
    """Check that inputs come from stages that exist and run before this one."""
    earlier = source.stages[: source.stages.index(source.stage)]
    for call in source.calls(live_only=False):
        if last_name(call.func) not in ("get_input_path", "get_first_input"):
            continue
        for keyword in call.keywords:
            name = source.text_of(keyword.value) if keyword.arg == "from_stage" else None
            if name is not None and name not in earlier:
                message = f'from_stage="{name}" is not a stage that runs before {source.stage}'
                yield source.reason(keyword.value, message)


def _around_reasons(source: StageSource, stage_io: Tracked) -> Iterator[Reason]:
    """Check that no file is reached around StageIO."""
    folder = PathFolder(source, stage_io)
    lines: set[int] = set()
    for node in source.nodes:
        target, reads = _target(source, node)
        path = folder.text(target).replace("\\", "/") if target is not None else UNKNOWN
        own = path[:1] in (STAGE_DIR, JOB_DIR)
        leaves = bool(STAGE_FOLDER.search(path) or TRAVERSAL.search(path))
        listing = path == JOB_DIR and last_name(getattr(node, "func", None)) in _LISTING
        if leaves and (own or reads) or listing or (reads and _is_literal(path)):
            line = getattr(node, "lineno", 1)
            if line not in lines:
                lines.add(line)
                message = (
                    "a file is reached around StageIO; use get_input_path(name, from_stage=...)"
                )
                yield source.reason(node, message)
        elif isinstance(node, ast.Call) and last_name(node.func) == "get_stage_dir" and node.args:
            other = source.text_of(node.args[0])
            if other is not None and other != source.stage and node.lineno not in lines:
                lines.add(node.lineno)
                yield source.reason(node, f'the folder of stage "{other}" is taken around StageIO')


_LISTING = {"iterdir", "glob", "rglob", "listdir", "scandir", "walk"}


def _target(source: StageSource, node: ast.AST) -> tuple[ast.expr | None, bool]:
    """Return the path expression at a node and whether the node reads or writes there."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return node, False
    if not isinstance(node, ast.Call):
        return None, False
    name = source.qualified(node.func)
    if name in OPENERS:
        named = [k.value for k in node.keywords if k.arg in ("file", "path", "src", "fname")]
        return ((node.args + named)[0] if node.args or named else None), True
    if isinstance(node.func, ast.Attribute):
        if node.func.attr in READ_METHODS:
            return node.func.value, True
        if node.func.attr in ("joinpath", "with_name") or name == "os.path.join":
            return node, False
    return None, False


def _is_literal(path: str) -> bool:
    """Tell whether a path is all literal text, and not a configuration file (another check)."""
    known = not any(mark in path for mark in (UNKNOWN, HERE, STAGE_DIR, JOB_DIR))
    return known and bool(path) and not CONFIG_FILE.search(path)
