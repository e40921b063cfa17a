#!/usr/bin/env python3
"""
Films: which films and jobs a command line names: by name, by pattern, in a folder, in a list.

A list is a text file in UTF-8 with a name a line; blank lines and lines that begin with # are left
out, spaces around a name too. What 'find -print0' writes is taken as well. A relative name lies
beside the list, or where the command is run. A folder stands for the films in it, not for those in
its folders.

Usage:
    from shared.pipeline.prepare.films import named_films

    named_films(["a.mkv", "season 1/*.mkv", "new/", "@films.txt"], lists=["more.txt"])
"""

from __future__ import annotations

import codecs
import glob
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from shared.core.errors import InputError, shown
from shared.core.file_names import safe_file_name

# By either a folder is a job, perhaps a broken one.
MARKS_OF_A_JOB = ("job.json", ".checkpoints")
LIST_MARK, STANDARD_INPUT = "@", "-"
MOST_LIST_BYTES = 64 << 20
# What a folder is looked through for; a film that is named may be called anything.
FILM_SUFFIXES = frozenset(
    ".3gp .asf .avi .divx .f4v .flv .m2ts .m2v .m4v .mkv .mov .mp4 .mpeg .mpg .mts .mxf .ogv .ts "
    ".vob .webm .wmv .aac .ac3 .aiff .flac .m4a .mka .mp3 .ogg .opus .wav .wma".split()
)
# What a run delivers beside a film.
OURS = re.compile(r"(?P<stem>.+?)(\.\d+)?\.subtitled\.(mkv|mp4)", re.DOTALL)


def named_films(targets: Sequence[str], lists: Sequence[str] = ()) -> list[str]:
    """Return films and jobs by name, each once, in order; films that we have made are left out.

    Args:
        targets: As they were typed; what exists is itself, whatever signs are in its name.
        lists: Files that hold names.

    Raises:
        InputError: An empty name, a pattern alone that nothing fits, a folder alone without films,
            or a list that names none or cannot be read.
    """
    if not all(name.strip() for name in [*targets, *lists]):
        raise InputError("No file is named: the text is empty", hint="Quote names, check variables")
    names: dict[str, str] = {}
    for target in targets:
        found = (
            _found(target) if len(targets) + len(lists) == 1 else _found_or_refused_later(target)
        )
        for name in found:
            first = names.setdefault(os.path.realpath(os.path.expanduser(name)), name)
            if first != name == target:
                told = f"{shown(name)} is the same file as {shown(first)}, which is worked on once"
                sys.stderr.write(f"warning: {told}\n")
    for one in lists:
        for name in _listed(one):
            names.setdefault(os.path.realpath(os.path.expanduser(name)), name)
    return _without_ours(list(names.values()))


def refuse_empty(name: str) -> None:
    """Refuse a pattern that no file fits, and a folder that is no job and holds no film.

    Args:
        name: Of named_films.

    Raises:
        InputError: It is one.
    """
    path = os.path.expanduser(name)
    if _is_folder_of_films(path):
        _in_folder(name, Path(path))
    elif glob.has_magic(path) and not os.path.lexists(path):
        raise InputError(f"No file fits {name}", hint="Check it with: ls -d " + name)


def _is_folder_of_films(path: str) -> bool:
    is_job = any(os.path.lexists(os.path.join(path, name)) for name in MARKS_OF_A_JOB)
    return os.path.isdir(path) and not is_job


def _found_or_refused_later(target: str) -> list[str]:
    """Return what is found; of several, one that stands for nothing is one that fails."""
    try:
        return _found(target)
    except InputError:
        if target.startswith(LIST_MARK) and not os.path.lexists(target):
            raise
        return [target]


def _found(target: str) -> list[str]:
    path = os.path.expanduser(target)
    if _is_folder_of_films(path):
        return _in_folder(target, Path(path))
    if os.path.lexists(path):
        return [target]
    if target.startswith(LIST_MARK) and len(target) > 1:
        return _listed(target.removeprefix(LIST_MARK))
    found = sorted(glob.glob(path, recursive=True)) if glob.has_magic(path) else [target]
    if not found:
        refuse_empty(target)
    return found


def _in_folder(target: str, folder: Path) -> list[str]:
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise InputError(
            f"{target} cannot be read: {error.strerror}", hint="Look at its rights"
        ) from error
    films = [
        str(Path(target, name))
        for name in names
        if Path(name).suffix.lower() in FILM_SUFFIXES
        and not name.startswith(".")
        and (folder / name).is_file()
    ]
    if not films:
        raise InputError(
            f"{target} is not a job directory: it has no {MARKS_OF_A_JOB[0]}; and it holds no film",
            hint=f"Name a film, a folder of films, a pattern ('{target}/**/*.mkv' for those in its "
            "folders), or a job directory, which ./prepare-job.sh prints",
        )
    return films


def _listed(name: str) -> list[str]:
    """Return what a list names.

    Raises:
        InputError: It cannot be read, or names nothing.
    """
    told = "standard input" if name == STANDARD_INPUT else name
    content = _content(name, told)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InputError(f"The list {told} is not UTF-8 text", hint="Save it again as UTF-8")
    text = content.decode("utf-8-sig", "surrogateescape")
    beside = Path.cwd() if name == STANDARD_INPUT else Path(name).expanduser().parent
    films = [film for line in _lines(text) for film in _resolved(line, beside)]
    if not films:
        raise InputError(f"The list {told} names no film", hint="One name a line; # for remarks")
    return films


def _content(name: str, told: str) -> bytes:
    try:
        if name == STANDARD_INPUT:
            return sys.stdin.buffer.read(MOST_LIST_BYTES)
        with Path(name).expanduser().open("rb") as stream:
            return stream.read(MOST_LIST_BYTES)
    except OSError as error:
        raise InputError(
            f"The list {told} cannot be read: {error.strerror}", hint="Check its name"
        ) from error


def _lines(text: str) -> Iterator[str]:
    """Yield the names of a list: a line each, or ended by zeros."""
    if "\0" in text:
        yield from filter(None, text.split("\0"))
        return
    for line in re.split(r"\r\n|\n|\r", text):
        if line.strip() and not line.lstrip().startswith("#"):
            yield line


def _resolved(line: str, beside: Path) -> list[str]:
    """Return what a line of a list names, as it can be opened; a pattern becomes what fits it."""
    for name in (line, line.strip()):
        path = Path(os.path.expanduser(name))
        for place in (beside / path, path):
            if os.path.lexists(place):
                return _found_or_refused_later(str(place))
    pattern = str(beside / os.path.expanduser(line.strip()))
    return sorted(glob.glob(pattern, recursive=True)) or [pattern]


def _without_ours(names: Sequence[str]) -> list[str]:
    """Leave out the finished films that lie beside the films they were made from."""
    places = {name: Path(os.path.abspath(name)) for name in names}
    stems = {
        (place.parent, stem)
        for place in places.values()
        for stem in (place.stem, safe_file_name(place.stem))
    }
    kept = []
    for name, place in places.items():
        made = OURS.fullmatch(place.name)
        if made is not None and (place.parent, made["stem"]) in stems:
            sys.stderr.write(f"Left out, made from another of these: {shown(name)}\n")
        else:
            kept.append(name)
    return kept
