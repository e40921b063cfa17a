#!/usr/bin/env python3
"""
Settings file: config/.env.pipeline, whose documentation is ours and all else its user's.

Values, a person's own comments, the order and what was taken out are nobody's business but the
user's: they are never called out of date. Only documentation that stands there and says something
else than shared/core/settings.py is.

Usage:
    from tools.documentation.settings_file import SettingsFile

    file = SettingsFile(PIPELINE_ENV_FILE)
    file.is_stale()   # whether it says what is not so
    file.made_anew()  # the text with all documentation, in the usual order
"""

from __future__ import annotations

import re
from pathlib import Path

from dotenv.parser import parse_stream
from pydantic.fields import FieldInfo

from shared.core.configuration.env_file import RawValue, read_env_file
from tools.documentation.fields import default_text, documentation, keys, value_text, values_text

HEADER = """\
# Pipeline configuration: every parameter with its value.
# Change values here: they stay. The comments are made by tools/generate_docs.py from
# shared/core/settings.py. Layers, later ones win: this file, config/.env.local (not in git),
# job.json, .job-*.env in the job, the environment (CP_KEY=value), --set KEY=value.
""".splitlines()
HEADER_BEGINS = "# Pipeline configuration: "
# Stands for the key above which the comments at the end of the file would be.
LAST = ""
SECTION = re.compile(r"# ---- .+ ----")
ENTRY = re.compile(r"# ([A-Z][A-Z0-9_]*): ")
DETAIL = re.compile(r"#   (Values|Default|Note): ")
VALUES = "#   Values: "


class SettingsFile:
    """What stands in a settings file: each key's line, and the comments above it.

    Args:
        path: config/.env.pipeline; one that is missing counts as empty.

    Raises:
        InputError: A line is not KEY=VALUE, or a key stands there twice.
    """

    def __init__(self, path: Path) -> None:
        self._exists = path.is_file()
        self._values: dict[str, RawValue] = {}
        self._made: set[str] = set()
        self._own: dict[str, list[str]] = {}
        if self._exists:
            self._values = read_env_file(path)
            self._read(path)

    def unknown(self) -> list[RawValue]:
        """Return the lines whose keys are no parameters."""
        known = dict(keys())
        return [value for key, value in self._values.items() if key not in known]

    def is_stale(self) -> bool:
        """Return whether it is missing, or holds a key or documentation that is none."""
        true = {*HEADER}
        for key, field in keys():
            true |= {*heading(field), *entry(key, field)}
        return not self._exists or bool(self.unknown()) or not self._made <= true

    def left_out(self) -> list[str]:
        """Return, one line each, what a person took out of it: keys, documentation."""
        told = {match[1] for line in self._made if (match := ENTRY.match(line))}
        absent = [key for key, _ in keys() if key not in self._values]
        bare = [key for key, _ in keys() if key in self._values and key not in told]
        lines = [f"not in it, so that their defaults hold: {', '.join(absent)}"] if absent else []
        return lines + ([f"without documentation there: {', '.join(bare)}"] if bare else [])

    def made_anew(self) -> str:
        """Return the file with the documentation of every key in the usual order.

        A person's lines stay as they are written, their comments above the key that they stood
        above; keys that are not in it come with their default.
        """
        parts = [HEADER]
        for key, field in keys():
            if heading(field):
                parts.append(heading(field))
            line = f"{key}={value_text(field.default)}"
            line = self._values[key].written if key in self._values else line
            parts.append([*self._own.get(key, []), *entry(key, field), line])
        if LAST in self._own:
            parts.append(self._own[LAST])
        return "\n".join("\n".join(lines) + "\n" for lines in parts)

    def _read(self, path: Path) -> None:
        """Tell a person's comments, by the key below them, from those that are made."""
        known = dict(keys())
        above: list[str] = []
        with path.open(encoding="utf-8") as stream:
            for binding in parse_stream(stream):
                if binding.key is None:
                    above += binding.original.string.splitlines()
                elif binding.key in known:
                    self._divide(binding.key, above)
                    above = []
        self._divide(LAST, above)

    def _divide(self, key: str, comments: list[str]) -> None:
        in_head = False
        for line, following in zip(comments, [*comments, ""][1:], strict=True):
            in_head = bool(line) and (in_head or line.startswith(HEADER_BEGINS))
            if in_head or _is_made(line, following):
                self._made.add(line)
            elif line.strip():
                self._own.setdefault(key, []).append(line)


def heading(field: FieldInfo) -> list[str]:
    """Return the heading of the section that begins with a field, nothing where none does.

    Args:
        field: A field made by setting().
    """
    section = documentation(field)["section"]
    return [f"# ---- {section} ----"] if section else []


def entry(key: str, field: FieldInfo) -> list[str]:
    """Return the comment of a key in the standards' form (3.5).

    Args:
        key: Its name.
        field: What it takes.
    """
    lines = [f"# {key}: {field.description}", f"{VALUES}{values_text(field)}"]
    lines.append(f"#   Default: {default_text(field)}")
    note = documentation(field)["note"]
    return [*lines, *([f"#   Note: {note}"] if note else [])]


def _is_made(line: str, following: str) -> bool:
    """Return whether a comment is one that this module writes, or wrote for a key that is gone."""
    if SECTION.fullmatch(line) or DETAIL.match(line):
        return True
    match = ENTRY.match(line)
    return match is not None and (match[1] in dict(keys()) or following.startswith(VALUES))
