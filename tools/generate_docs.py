#!/usr/bin/env python3
"""
Generate docs: config/.env.pipeline, docs/CONFIGURATION.md and docs/API.md from the code itself.

In config/.env.pipeline only the documentation is made and compared; the values are the user's and
stay as they are written.

Usage:
    venv/common/bin/python tools/generate_docs.py            # write
    venv/common/bin/python tools/generate_docs.py --check    # exit 1 when one is out of date
"""

from __future__ import annotations

import ast
import sys
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from pydantic.fields import FieldInfo  # noqa: E402

from shared.core.configuration.env_file import RawValue, read_env_file  # noqa: E402
from shared.core.configuration.layers import STANDARD_NAMES  # noqa: E402
from shared.core.paths import PIPELINE_ENV_FILE  # noqa: E402
from shared.core.settings import PipelineConfig  # noqa: E402
from shared.core.usage import CommandParser, ended  # noqa: E402

CONFIGURATION_PAGE = PROJECT_ROOT / "docs" / "CONFIGURATION.md"
API_PAGE = PROJECT_ROOT / "docs" / "API.md"
HEADER = """\
# Pipeline configuration: every parameter with its value.
# Change values here: they stay. The comments are made by tools/generate_docs.py from
# shared/core/settings.py. Layers, later ones win: this file, config/.env.local (not in git),
# job.json, .job-*.env in the job, the environment (CP_KEY=value), --set KEY=value.
"""
LAYERS = """\
Made by `tools/generate_docs.py` from `shared/core/settings.py`. Layers, later ones win:

1. `config/.env.pipeline`
2. `config/.env.local` (not in git)
3. `job.json` of the job
4. `.job-*.env` in the job directory
5. the environment: `CP_` and the key, as in `CP_ASR_BEAM_SIZE=3`; without `CP_` only {bare}, left
   out with a warning where the value does not fit: it is another program's
6. `--set KEY=VALUE`, of this command or of the one that prepared the job

A job directory may have been handed over, so what reaches beyond it is the machine's to set (layers
1, 2, 5 and 6). In a job that was not prepared here, a value of a setting marked **machine's own**
is refused (exit 2), and one of a setting marked **machine's limit** is left out with a warning.
[SECURITY.md](SECURITY.md) says what a job can and cannot do.
"""
MARKS = {
    "job": "",
    "name": " · a path or a repository: **machine's own**",
    "limit": " · **machine's limit**",
    "power": " · **machine's own**",
}
SIGNS = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<"}


def main() -> int:
    """Write or check the generated files; return the exit code."""
    parser = CommandParser(
        prog="tools/generate_docs.py", description=(__doc__ or "").splitlines()[1]
    )
    parser.add_argument("--check", action="store_true", help="only compare")
    check = parser.parse_args().check
    written = read_env_file(PIPELINE_ENV_FILE) if PIPELINE_ENV_FILE.is_file() else {}
    known = {key for key, _ in keys()}
    for item in (item for key, item in written.items() if key not in known):
        print(f"{item.origin}: no such parameter, left out: {item.written}")
    wanted = {
        PIPELINE_ENV_FILE: environment_file(written),
        CONFIGURATION_PAGE: configuration_page(),
        API_PAGE: api_page(),
    }
    stale = [p for p, t in wanted.items() if not p.is_file() or p.read_text("utf-8") != t]
    for path in stale:
        print(f"{'out of date' if check else 'written'}: {path.relative_to(PROJECT_ROOT)}")
        if not check:
            path.write_text(wanted[path], encoding="utf-8")
    return 1 if check and stale else 0


def environment_file(written: Mapping[str, RawValue]) -> str:
    """Return config/.env.pipeline: the standards' comment form (3.5) for every key.

    Args:
        written: The lines of a user, by key; they stay as they are. The others hold the default.
    """
    parts = [HEADER]
    for key, field in keys():
        extra = documentation(field)
        if extra["section"]:
            parts.append(f"# ---- {extra['section']} ----\n")
        lines = [f"# {key}: {field.description}", f"#   Values: {values_text(field)}"]
        lines.append(f"#   Default: {value_text(field.default) or '(empty)'}")
        lines += [f"#   Note: {extra['note']}"] if extra["note"] else []
        lines.append(
            written[key].written if key in written else f"{key}={value_text(field.default)}"
        )
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def configuration_page() -> str:
    """Return docs/CONFIGURATION.md."""
    parts = ["# Configuration\n"]
    bare = ", ".join(f"`{name}`" for name in sorted(STANDARD_NAMES))
    parts.append(LAYERS.format(bare=bare))
    for key, field in keys():
        extra = documentation(field)
        if extra["section"]:
            parts.append(f"## {extra['section']}\n")
        note = f" {extra['note']}." if extra["note"] else ""
        default = value_text(field.default) or "(empty)"
        parts.append(
            f"### {key}\n\n{field.description}.{note}\n\n"
            f"Values: {values_text(field)} · Default: `{default}`{MARKS[extra['scope']]}\n"
        )
    return "\n".join(parts)


def api_page() -> str:
    """Return docs/API.md: every public function and class of shared/ with its first line."""
    parts = ["# API\n", "Made by `tools/generate_docs.py` from the docstrings of `shared/`.\n"]
    for path in sorted((PROJECT_ROOT / "shared").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        rows = list(public_rows(tree))
        if rows:
            module = ".".join(path.relative_to(PROJECT_ROOT).with_suffix("").parts)
            parts.append(f"## {module}\n")
            parts.append(title_of(tree) + "\n")
            parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


def keys() -> Iterator[tuple[str, FieldInfo]]:
    """Yield every configuration key with its field, in order."""
    for name, field in PipelineConfig.model_fields.items():
        yield name.upper(), field


def documentation(field: FieldInfo) -> dict[str, str]:
    """Return the note, the section and the scope of a field.

    Args:
        field: A field made by setting().
    """
    extra = field.json_schema_extra
    assert isinstance(extra, dict)
    return {name: str(extra[name]) for name in ("note", "section", "scope")}


def value_text(value: Any) -> str:
    """Return a value as an environment file holds it.

    Args:
        value: A default; True and False become true and false.
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    return str(value)


def values_text(field: FieldInfo) -> str:
    """Return which values a field takes, for people.

    Args:
        field: Its type and its limits decide.
    """
    annotation = field.annotation
    if typing.get_origin(annotation) is typing.Literal:
        return " | ".join(typing.get_args(annotation))
    origin = typing.get_origin(annotation)
    if origin is list:
        kind = (
            f"comma-separated {'numbers' if typing.get_args(annotation)[0] is float else 'names'}"
        )
    else:
        kinds: dict[Any, str] = {bool: "true | false", int: "integer", float: "number"}
        kind = kinds.get(annotation, "text")
    limits = [
        f"{sign} {getattr(item, name)}"
        for item in field.metadata
        for name, sign in SIGNS.items()
        if getattr(item, name, None) is not None
    ]
    return ", ".join([kind, *limits])


def public_rows(tree: ast.Module) -> Iterator[str]:
    """Yield one list item for each public function and class of a module, methods indented.

    Args:
        tree: The module.
    """
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield f"- `{signature(node)}` {first_line(node)}"
            for child in node.body if isinstance(node, ast.ClassDef) else ():
                if isinstance(child, ast.FunctionDef) and not child.name.startswith("_"):
                    yield f"  - `{signature(child)}` {first_line(child)}"


def signature(node: ast.FunctionDef | ast.ClassDef) -> str:
    """Return how a function is called, or a class's name.

    Args:
        node: A definition of the module.
    """
    if isinstance(node, ast.ClassDef):
        return node.name
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    arguments = ast.unparse(node.args).removeprefix("self, ").removeprefix("self")
    return f"{node.name}({arguments}){returns}"


def first_line(node: ast.FunctionDef | ast.ClassDef) -> str:
    """Return the first line of a docstring.

    Args:
        node: A definition with a docstring.
    """
    return (ast.get_docstring(node) or "").partition("\n")[0]


def title_of(tree: ast.Module) -> str:
    """Return the first line of a module's docstring.

    Args:
        tree: The module.
    """
    return (ast.get_docstring(tree) or "").strip().partition("\n")[0]


if __name__ == "__main__":
    sys.exit(ended(main))
