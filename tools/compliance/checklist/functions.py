#!/usr/bin/env python3
"""
Functions: the public functions of a file, what their docstrings leave out, what has no type (13.1)

Usage:
    from tools.compliance.checklist.functions import docstring_reasons, public_functions

    for function in public_functions("shared/config.py", tree):
        print(list(docstring_reasons(function, known={"Backend"})))
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from tools.compliance.source import FunctionNode, Reason, last_name

RECEIVERS = ("self", "cls")
# Their results and arguments are the language's own.
PLAIN_DECORATORS = {"property", "cached_property", "overload", "override", "setter", "validator"}
PLAIN_DECORATORS |= {"field_validator", "model_validator"}
NOTHING = {"None", "NoReturn", "Never", "Iterator[None]"}
RETURNS = re.compile(
    r"^\s*(Returns|Yields):|\b([Rr]eturn|[Yy]ield|[Tt]ell|[Ww]hether)", re.MULTILINE
)
RAISES = re.compile(r"^\s*Raises:|\b[Rr]aises?\b", re.MULTILINE)
ARGS = re.compile(r"^\s*Args:\s*$", re.MULTILINE)
REFERENCE = re.compile(r"\b(?:[Ss]ee|those of) ([A-Za-z_][\w.]*|[\w./]+\.py)")
SECTION = re.compile(r"^(Args|Returns|Yields|Raises|Example|Note|Attributes|Usage):", re.MULTILINE)
ARTICLES = {"a", "an", "the", "of", "this", "its"}


@dataclass(frozen=True)
class Function:
    """A public function or method.

    Attributes:
        file: Its file, relative to the project root.
        node: Its definition.
        owner: The class it belongs to with a dot, '' for a function.
        bases: Last names of the classes that this class derives from.
    """

    file: str
    node: FunctionNode
    owner: str = ""
    bases: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its name with its class."""
        return self.owner + self.node.name

    @property
    def docstring(self) -> str:
        """Its docstring, '' without one."""
        return ast.get_docstring(self.node) or ""

    def parameters(self) -> list[ast.arg]:
        """Return its parameters without self, cls and those that begin with an underscore."""
        arguments = self.node.args
        found = arguments.posonlyargs + arguments.args
        if self.owner and found and found[0].arg in RECEIVERS:
            found = found[1:]
        extra = [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
        named = [*found, *arguments.kwonlyargs, *extra]
        return [argument for argument in named if not argument.arg.startswith("_")]

    def reason(self, message: str) -> Reason:
        """Return a reason at its definition.

        Args:
            message: What is missing.
        """
        return Reason(self.file, self.node.lineno, f"{self.name} {message}")


def public_functions(file: str, tree: ast.Module) -> Iterator[Function]:
    """Yield the public functions of a module and the public methods of its public classes.

    Args:
        file: Path of the module, relative to the project root.
        tree: Its syntax tree.
    """
    yield from _in_body(file, tree.body, "", ())


def _in_body(
    file: str, body: list[ast.stmt], owner: str, bases: tuple[str, ...]
) -> Iterator[Function]:
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            inherited = tuple(last_name(base) for base in node.bases)
            yield from _in_body(file, node.body, f"{owner}{node.name}.", inherited)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            # A property is documented where it is read.
            hidden = node.name.startswith("_") and node.name != "__call__"
            if not (hidden or "setter" in _decorators(node)):
                yield Function(file, node, owner, bases)


def docstring_reasons(function: Function, known: Collection[str]) -> Iterator[Reason]:
    """Yield what the docstring of a function leaves out.

    Args:
        function: A public function.
        known: Classes and functions that are documented elsewhere: "Base.method" for what a method
            inherits, a bare name for what "see Name" may refer to.
    """
    text = function.docstring
    if not text.strip():
        yield function.reason("has no docstring")
        return
    if _decorators(function.node) & PLAIN_DECORATORS or _is_told_elsewhere(function, known):
        return
    yield from _argument_reasons(function, text)
    returned = ast.unparse(function.node.returns) if function.node.returns else "None"
    if returned not in NOTHING and not RETURNS.search(text):
        yield function.reason("does not say what it returns")
    raised = sorted(set(_raised(function.node)))
    if raised and not RAISES.search(text):
        yield function.reason(f"does not say that it raises {', '.join(raised)}")


def type_reasons(function: Function) -> Iterator[Reason]:
    """Yield which types a function does not declare.

    Args:
        function: A public function.
    """
    for argument in function.parameters():
        if argument.annotation is None:
            yield function.reason(f"has no type for {argument.arg}")
    if function.node.returns is None:
        yield function.reason("does not declare what it returns")


def _decorators(node: FunctionNode) -> set[str]:
    found = (d.func if isinstance(d, ast.Call) else d for d in node.decorator_list)
    return {last_name(decorator) for decorator in found}


def _is_told_elsewhere(function: Function, known: Collection[str]) -> bool:
    """Tell whether a method inherits its documentation, or refers to what is documented."""
    if any(f"{base}.{function.node.name}" in known for base in function.bases):
        return True
    named = REFERENCE.search(function.docstring)
    return named is not None and (named[1].endswith(".py") or named[1].strip(".") in known)


def _argument_reasons(function: Function, text: str) -> Iterator[Reason]:
    """Yield which parameters have no entry under Args, or one that says nothing."""
    parameters = [argument.arg for argument in function.parameters()]
    heading = ARGS.search(text)
    if parameters and heading is None:
        yield function.reason(f"has no Args: {', '.join(parameters)}")
        return
    told = text[heading.end() :] if heading else ""
    following = SECTION.search(told)
    told = told[: following.start()] if following else told
    for name in parameters:
        entry = re.search(rf"^\s+\*{{0,2}}{name}(?: \([^)]*\))?:(.*(?:\n\s{{8,}}.*)*)", told, re.M)
        if entry is None:
            yield function.reason(f"does not describe {name} under Args")
        elif not _says_something(name, entry[1]):
            yield function.reason(f"only repeats the name of {name} under Args")


def _says_something(name: str, text: str) -> bool:
    """Tell whether a description holds more than the words of the name."""
    words = {word.lower() for word in re.findall(r"[^\W_]+", text)}
    return bool(words - ARTICLES - set(name.lower().split("_")))


def _raised(node: ast.AST) -> Iterator[str]:
    """Yield the names of exceptions that leave a function; what a `try` may catch is left out."""
    caught = node.body if isinstance(node, ast.Try) and node.handlers else []
    for child in ast.iter_child_nodes(node):
        if child in caught:
            continue
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            continue
        if isinstance(child, ast.Raise) and isinstance(child.exc, ast.Call):
            name = last_name(child.exc.func)
            if name.endswith(("Error", "Exit", "Interrupt", "Run")):
                yield name
        yield from _raised(child)
