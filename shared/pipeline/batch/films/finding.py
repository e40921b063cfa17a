#!/usr/bin/env python3
"""
Finding: which files a batch looks at, in folders, by pattern, in lists, and which it passes over.

What is named is looked at, whatever it is called. In a folder hidden files, samples, trailers and
extras (as media servers name them), jobs and what lies beside films (subtitles, pictures, notes)
are passed over by name; what is a film is then told by its content.

Usage:
    from shared.pipeline.batch.films.finding import find_candidates

    for candidate in find_candidates(["films/"], recursive=True, apart=output_root): ...
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.core.errors import InputError
from shared.pipeline.prepare.films import FILM_SUFFIXES, MARKS_OF_A_JOB, OURS, named_films

NO_FILM = "no film"
HIDDEN = re.compile(r"\..*|@eaDir|#recycle|\$RECYCLE\.BIN|lost\+found|System Volume Information")
EXTRAS = re.compile(
    r"behind[ _.-]the[ _.-]scenes|deleted[ _.-]scenes|interviews?|scenes?|samples?|shorts|"
    r"featurettes|clips|others?|extras?|trailers?|theme-music|backdrops",
    re.IGNORECASE,
)
EXTRA_FILE = re.compile(
    r"(.*[ ._-])?(sample|trailer)|"
    r".*-(scene|clip|interview|behindthescenes|deleted|deletedscene|featurette|short|other|extra)",
    re.IGNORECASE | re.DOTALL,
)
DISC = frozenset({"VIDEO_TS", "BDMV"})
COPYING = frozenset(".part .partial .crdownload .download .!qb .!ut .aria2 .filepart".split())
# What lies beside films. It is not opened; anything else is, whatever it is called.
BESIDE_FILMS = frozenset(
    ".srt .vtt .ass .ssa .ttml .sub .idx .sup .nfo .txt .md .log .json .xml .url .jpg .jpeg .png "
    ".gif .webp .bmp .tbn .pdf .env .sfv .md5 .sha1 .sha256 .par2 .torrent .zip .rar .7z .gz "
    ".py .sh .html .htm .csv .tsv .lnk .ini .db".split()
)


@dataclass(frozen=True)
class Candidate:
    """A file that may be a film.

    Attributes:
        path: As it can be opened, absolute.
        passed_over: Why it is not looked at; empty where it is.
        is_named: Whether it was named itself, not its folder.
    """

    path: Path
    passed_over: str = ""
    is_named: bool = False


def find_candidates(
    targets: Sequence[str], lists: Sequence[str], recursive: bool, apart: Path
) -> list[Candidate]:
    """Return the files that a batch looks at, each once, in order.

    Args:
        targets: Folders, files, patterns, '@list', as they were typed.
        lists: Files that hold names.
        recursive: Whether the folders in a folder are looked through.
        apart: Where the jobs lie; nothing in there is a film.

    Raises:
        InputError: A name is empty, a list cannot be read, a folder is none, or nothing is named.
    """
    found: dict[str, Candidate] = {}
    for target in targets:
        for one in _of_target(target, recursive, apart):
            found.setdefault(str(one.path), one)
    for path in map(Path, named_films([], lists) if lists else ()):
        found.setdefault(os.path.abspath(path), Candidate(Path(os.path.abspath(path)), "", True))
    return _without_ours(list(found.values()))


def _of_target(target: str, recursive: bool, apart: Path) -> Iterator[Candidate]:
    if not target.strip():
        raise InputError("No file is named: the text is empty", hint="Quote names, check variables")
    path = Path(os.path.abspath(os.path.expanduser(target)))
    if path.is_dir():
        if any(os.path.lexists(path / name) for name in MARKS_OF_A_JOB):
            raise InputError(
                f"{target} is a job, not a folder of films",
                hint=f"./run-pipeline.sh WORKFLOW {target}",
            )
        yield from _in_folder(path, recursive, apart.resolve())
    elif os.path.lexists(path):
        yield Candidate(path, "", True)
    elif target.startswith("@") and len(target) > 1:
        for name in named_films([target]):
            yield Candidate(Path(os.path.abspath(name)), "", True)
    else:
        yield from _of_pattern(target, recursive, apart)


def _of_pattern(target: str, recursive: bool, apart: Path) -> Iterator[Candidate]:
    pattern = os.path.expanduser(target)
    names = sorted(glob.glob(pattern, recursive=True)) if glob.has_magic(pattern) else []
    if not names:
        what = "No file fits" if glob.has_magic(pattern) else "No such file or folder:"
        raise InputError(f"{what} {target}", hint="Check it with: ls -d " + target)
    for name in names:
        path = Path(os.path.abspath(name))
        if not path.is_dir():
            yield Candidate(path, "", True)
        elif recursive:
            yield from _in_folder(path, recursive, apart.resolve())


def _in_folder(folder: Path, recursive: bool, apart: Path) -> Iterator[Candidate]:
    """Yield the files of a folder, those of its folders after them; links are followed once."""
    seen: set[tuple[int, int]] = set()
    waiting = [folder]
    while waiting:
        place = waiting.pop(0)
        try:
            status = place.stat()
            names = sorted(os.listdir(place), key=lambda name: (os.path.splitext(name)[0], name))
        except OSError as error:
            if place == folder:
                raise InputError(
                    f"{folder} cannot be read: {error.strerror}", hint="Look at its rights"
                ) from error
            yield Candidate(place, f"cannot be read: {error.strerror}")
            continue
        if (status.st_dev, status.st_ino) in seen:
            continue
        seen.add((status.st_dev, status.st_ino))
        has_films = any(Path(name).suffix.lower() in FILM_SUFFIXES for name in names)
        for path in (place / name for name in names if not HIDDEN.fullmatch(name)):
            if not path.is_dir():
                yield Candidate(path, _passed_over(path.name))
            elif recursive and path.resolve() != apart and not _is_job(path):
                if path.name in DISC:
                    yield Candidate(path, "the folder of a disc: name the film in it")
                elif has_films and EXTRAS.fullmatch(path.name):  # else it is somebody's shelf
                    yield Candidate(path, "a folder of samples or extras")
                else:
                    waiting.append(path)


def state_of(path: Path) -> tuple[int, int, int] | None:
    """Return what tells that a file is another one, its bytes first; None where nothing is.

    Args:
        path: The file; of a link what it leads to.
    """
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino


def _is_job(path: Path) -> bool:
    return any(os.path.lexists(path / name) for name in MARKS_OF_A_JOB)


def _passed_over(name: str) -> str:
    """Return why a file of a folder is not looked at, judged by its name."""
    stem, suffix = os.path.splitext(name)
    if suffix.lower() in COPYING:
        return "still being copied, its name says"
    if suffix.lower() in BESIDE_FILMS:
        return NO_FILM
    if EXTRA_FILE.fullmatch(stem):
        return "a sample, trailer or extra"
    return ""


def _without_ours(found: Sequence[Candidate]) -> list[Candidate]:
    """Mark the finished films that lie beside the films they were made from."""
    stems = {(one.path.parent, one.path.stem) for one in found if not one.passed_over}
    kept = []
    for one in found:
        made = OURS.fullmatch(one.path.name)
        is_ours = made is not None and (one.path.parent, made["stem"]) in stems
        kept.append(Candidate(one.path, "made by us from the film beside it") if is_ours else one)
    return kept
