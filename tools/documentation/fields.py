#!/usr/bin/env python3
"""
Fields: the configuration keys and how their documentation is written.

Usage:
    from tools.documentation.fields import keys, values_text

    for key, field in keys():
        print(key, values_text(field))
"""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Any

from pydantic.fields import FieldInfo

from shared.core.settings import PipelineConfig

SIGNS = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<"}


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


def default_text(field: FieldInfo) -> str:
    """Return the default as documentation shows it: '(empty)' where there is none.

    Args:
        field: A field made by setting().
    """
    return value_text(field.default) or "(empty)"


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
