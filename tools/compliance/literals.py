#!/usr/bin/env python3
"""
Literals: what a string says, and whether it is text for a person

A string is judged by its content: a path, a stage folder, an address, a model. Docstrings and the
texts of log lines, errors and hints are for people and are left alone.

Usage:
    from tools.compliance.literals import is_message, string_fault
"""

from __future__ import annotations

import ast
import re

from tools.compliance.source import StageSource, last_name

LOG_METHODS = {"debug", "info", "warning", "error", "critical", "exception", "log"}
OUTCOMES = {"fail", "skip", "add_note"}
TEXT_KEYWORDS = {"hint", "cause", "reason", "message", "help", "description", "epilog"}
ERROR_NAME = re.compile(r"(Error|Exception|Warning|Interrupt|Exit)$")
TRANSPARENT = (ast.JoinedStr, ast.FormattedValue, ast.BinOp, ast.IfExp, ast.BoolOp, ast.Starred)

SPLIT = re.compile(r"[\s'\"=,;()\[\]|<>`]+")
FOLDERS = (
    "out|venv|in|config|glossary|models?|logs?|scripts|shared|tests?|tools|tmp|cache|data|docs"
)
PATH_FAULTS = (
    (re.compile(r"[a-z][a-z0-9+.-]*://|^www\.", re.I), "hard-coded address"),
    (re.compile(r"^(localhost|\d{1,3}(\.\d{1,3}){3})(:\d+)?(/|$)"), "hard-coded address"),
    (re.compile(r"(?<![A-Za-z0-9_])\d\d_([a-z\0{%]|$)"), "hard-coded stage folder"),
    (re.compile(r"\{[^{}]*:0>?2d?\}_|%02d_"), "hard-coded stage folder"),
    (re.compile(r"^/{1,2}[\w.~\0$-]+"), "hard-coded absolute path"),
    (re.compile(r"^file:/"), "hard-coded absolute path"),
    (re.compile(r"^[A-Za-z]:[\\/]|^\\\\\w"), "hard-coded drive path"),
    (re.compile(r"^~(\w*[\\/]|$)|^\$\{?\w+\}?/|^%\w+%\\"), "hard-coded home path"),
    (re.compile(r"(^|[\\/])\.\.([\\/]|$)|^\.[\\/]"), "hard-coded relative path"),
    (re.compile(rf"^({FOLDERS})[\\/]"), "hard-coded project path"),
)
MODEL = re.compile(
    r"^((distil-)?(large-v\d(-turbo)?|large-turbo)|(tiny|base|small|medium)\.en"
    r"|(faster-|mlx-)?whisper-[\w.-]+|distil-whisper[\w./-]*|htdemucs\w*|mdx(_\w+)+|hdemucs\w*"
    r"|(wav2vec2|nllb|indictrans2|indictrans|madlad|m2m100|opus-mt|silero|yamnet|ecapa)-[\w.-]+"
    r"|(gemma|llama|mistral|mixtral|qwen|phi|gpt|claude)[-\d][\w.:-]*"
    r"|(openai|facebook|ai4bharat|pyannote|Systran|google|Helsinki-NLP|mlx-community|meta-llama"
    r"|mistralai|Qwen|microsoft|guillaumekln|jonatasgrosman|speechbrain|distil-whisper)/[\w.-]+"
    r"|[\w./-]+\.(gguf|onnx|safetensors|pt|pth|ckpt))$",
    re.IGNORECASE,
)
MODEL_SIZES = {"tiny", "base", "small", "medium", "large", "turbo"}
DEVICE = re.compile(r"^(cuda|mps|cpu|mlx|rocm|xpu)(:\d+)?$")
NUMBER = re.compile(r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$")


def is_docstring(source: StageSource, node: ast.AST) -> bool:
    """Tell whether a string is a statement of its own: a docstring or a comment in quotes.

    Args:
        source: The stage's script.
        node: A string of it.
    """
    return isinstance(source.parents.get(node), ast.Expr)


def is_message(source: StageSource, node: ast.AST) -> bool:
    """Tell whether a string is text for a person: part of a log line, an error or a hint.

    Args:
        source: The stage's script.
        node: A string of it.
    """
    parent = source.parents.get(node)
    while isinstance(parent, TRANSPARENT):
        node, parent = parent, source.parents.get(parent)
    if isinstance(parent, ast.Attribute) and parent.attr == "format":
        call = source.parents.get(parent)
        return call is not None and is_message(source, call)
    if isinstance(parent, ast.keyword):
        if parent.arg in TEXT_KEYWORDS:
            return True
        parent = source.parents.get(parent)
    if not isinstance(parent, ast.Call) or parent.func is node:
        return False
    name = last_name(parent.func)
    receiver = parent.func.value if isinstance(parent.func, ast.Attribute) else None
    if name in LOG_METHODS:
        return receiver is not None and "log" in ast.unparse(receiver).lower()
    imported = source.qualified(parent.func)
    return name in OUTCOMES or bool(ERROR_NAME.search(name)) or "core.errors." in imported


def string_fault(text: str) -> str | None:
    """Return what is hard-coded in a string, None when nothing is.

    Args:
        text: The string, with a null character for each part that is not known.
    """
    for token in (text, *SPLIT.split(text)):
        for pattern, fault in PATH_FAULTS:
            if token and pattern.search(token):
                return fault
    if MODEL.match(text):
        return "hard-coded model name"
    if NUMBER.match(text) and float(text) not in (0.0, 1.0, -1.0):
        return "hard-coded number in a string"
    return None
