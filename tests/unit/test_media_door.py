#!/usr/bin/env python3
"""Tests that shared/media/ffmpeg.py is the one door: nothing else opens media or writes graphs."""

from __future__ import annotations

import ast
import functools
import os
import re
import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pysubs2
import pytest

from shared.core.paths import PROJECT_ROOT
from shared.media.audio import (
    SPEECH_FORMAT,
    SPEECH_RATE,
    SoundOutput,
    extract_audio,
    goes_on_after,
)
from shared.media.clip import ClipRange
from shared.media.intake.sample import undecodable_points
from shared.media.mux.film import mux_film
from shared.media.mux.plan import Attachment, BurntIn, MuxPlan, SubtitleTrack
from shared.media.probe import probe_media
from shared.media.shots import find_shot_changes
from shared.media.speech_audio import wav_duration
from tests.support.media import HOSTILE, film_with_bursts

DOOR = "shared/media/ffmpeg.py"
STARTS = re.compile(r"(subprocess|asyncio)\.|os\.(system|popen|exec|spawn|posix_spawn)|Popen$")
# None of them but the first starts ffmpeg on a file.
STARTERS = {
    "shared/media/processes.py",
    "shared/core/ran/programs.py",
    "shared/core/common_python.py",
    "shared/core/machine/nvidia.py",
    "shared/doctor/machine.py",
    "shared/core/environment_stamp.py",
    "shared/pipeline/prepare/demo.py",
    "shared/pipeline/prepare/set_up.py",
    "shared/pipeline/run/start/fork_servers.py",
    "shared/pipeline/run/start/started.py",
    "shared/pipeline/batch/after.py",
    "shared/pipeline/batch/cluster/member.py",
    "shared/desk/runs.py",
    "shared/translation/worker_client.py",
    "scripts/writing/hindi_names.py",
    "scripts/translators/llama_server.py",
}
# What ffmpeg-python starts or opens by itself, without our whitelists.
OPENERS = {"input", "probe", "run", "run_async"}
GRAPH_OPTION = re.compile(r"-?(lavfi|filter_complex|filter_complex_script|vf|af|filter(:.*)?)")


def modules() -> list[str]:
    """Return the project's modules, relative to it."""
    found = [p for f in ("shared", "scripts", "tools") for p in (PROJECT_ROOT / f).rglob("*.py")]
    return sorted(path.relative_to(PROJECT_ROOT).as_posix() for path in found)


@functools.lru_cache(maxsize=1)
def nodes_of(tree: ast.AST) -> list[ast.AST]:
    """Return all nodes of a module, found once for the questions asked of it."""
    return list(ast.walk(tree))


def called_of_the_library(tree: ast.AST) -> set[str]:
    """Return what of ffmpeg-python opens or starts something by itself."""
    named = {n.attr for n in nodes_of(tree) if isinstance(n, ast.Attribute) and is_library(n.value)}
    taken = [n for n in nodes_of(tree) if isinstance(n, ast.ImportFrom)]
    taken = [n for n in taken if (n.module or "").partition(".")[0] == "ffmpeg"]
    return (named | {alias.name for node in taken for alias in node.names}) & OPENERS


def is_library(node: ast.expr) -> bool:
    """Return whether a name is the library's, or is one of its modules."""
    return ast.unparse(node).partition(".")[0] == "ffmpeg"


def words(tree: ast.AST) -> list[tuple[str, int]]:
    """Return the texts in a piece of code, f-strings by their beginning, and their lines."""
    nodes = [node for node in nodes_of(tree) if isinstance(node, ast.Constant)]
    return [(node.value, node.lineno) for node in nodes if isinstance(node.value, str)]


def started_programs(tree: ast.AST) -> set[str]:
    """Return the functions that start a program, as they are called."""
    called = {ast.unparse(node.func) for node in nodes_of(tree) if isinstance(node, ast.Call)}
    return {name for name in called if STARTS.match(name)}


def runs_ffmpeg(tree: ast.AST) -> bool:
    """Return whether a module uses the door."""
    taken = [node.module for node in nodes_of(tree) if isinstance(node, ast.ImportFrom)]
    return "shared.media.ffmpeg" in taken


def graph_options(tree: ast.AST) -> list[int]:
    """Return the lines that give ffmpeg a graph as a text."""
    return sorted(line for text, line in words(tree) if GRAPH_OPTION.fullmatch(text))


def values_by_place(tree: ast.AST) -> list[int]:
    """Return the lines that give a filter's option a value without its name."""
    calls = [n for n in nodes_of(tree) if isinstance(n, ast.Call)]
    named = [(n, n.func) for n in calls if isinstance(n.func, ast.Attribute)]
    filters = [(call, func) for call, func in named if func.attr == "filter"]
    return [call.lineno for call, func in filters if len(call.args) > 1 + is_library(func.value)]


def imports_at_once(tree: ast.Module) -> bool:
    """Return whether a module imports the library when it is imported itself."""
    for node in tree.body:
        if isinstance(node, ast.Import) and any(a.name == "ffmpeg" for a in node.names):
            return True
        if isinstance(node, ast.ImportFrom):
            taken = {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
            if any((m or "").startswith("ffmpeg") or m == "shared.media.sources" for m in taken):
                return True
    return False


def second_doors(name: str, tree: ast.Module) -> dict[str, object]:
    """Return what a module does that only the door may, by what it had better do."""
    found: dict[str, object] = {}
    if name != DOOR:
        opened = [line for text, line in words(tree) if text == "-i"]
        found["use media_input of shared/media/ffmpeg.py"] = opened + [*called_of_the_library(tree)]
    if runs_ffmpeg(tree):
        if name not in {DOOR, "shared/media/mux/film.py"}:  # there, of filter_text
            found["let ffmpeg-python build it"] = graph_options(tree)
        found["it escapes them twice: name them"] = values_by_place(tree)
    if not name.startswith("tools/") and name not in STARTERS:
        found["is this one more door for subprocesses?"] = started_programs(tree)
    if name.startswith(("shared/", "scripts/")) and name != "shared/media/sources.py":
        found["a run that finds everything done pays for it"] = imports_at_once(tree)
    return {advice: what for advice, what in found.items() if what}


def test_only_this_door_opens_media_and_the_library_is_imported_where_it_is_run() -> None:
    found = {}
    for name in modules():
        tree = ast.parse((PROJECT_ROOT / name).read_text(encoding="utf-8"))
        found[name] = second_doors(name, tree)
    assert len(found) > 500 and {name: told for name, told in found.items() if told} == {}


def test_a_second_door_would_be_found() -> None:
    tree = ast.parse(
        "subprocess.run(['ffmpeg', '-i', film])\nos.system('ffprobe x')\n"
        "ffmpeg.input(film)\nfrom ffmpeg import probe\nf = {f'filter:v:{n}': 'scale=1:1'}\n"
        "c = ['-vf', 'scale=1:1']\nffmpeg.filter([a], 'amix', 2)\na.filter('scale', width=1)"
    )
    assert ("-i", 1) in words(tree)
    assert called_of_the_library(tree) == {"input", "probe"}
    assert started_programs(tree) == {"subprocess.run", "os.system"}
    assert graph_options(tree) == [5, 6]
    assert values_by_place(tree) == [7]
    assert len(second_doors("shared/a.py", tree)) == 3
    at_once = ast.parse("import ffmpeg\nfrom shared.media.ffmpeg import run\nf.filter(a, 'x', 1)")
    assert len(second_doors("shared/a.py", at_once)) == 2


def test_no_program_is_started_with_an_input_that_is_not_limited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What reaches ffmpeg and ffprobe when films of hostile names are worked on."""
    told = tmp_path / "told"
    told.mkdir()
    for name in ("ffmpeg", "ffprobe"):
        recorder = f'printf "%s\\0" {name} "$@" > "{told}/$$"; exec {shutil.which(name)} "$@"'
        (tmp_path / name).write_text(f"#!/bin/sh\n{recorder}\n")
        (tmp_path / name).chmod(0o755)
    film = film_with_bursts(tmp_path / f"{HOSTILE}.mkv", 2)
    monkeypatch.setenv("PATH", str(tmp_path) + os.pathsep + os.environ["PATH"])
    work_on(film, tmp_path)
    commands = [path.read_text().split("\0")[:-1] for path in told.iterdir()]
    assert {command[0] for command in commands} == {"ffmpeg", "ffprobe"} and len(commands) >= 8
    for command in commands:
        assert command[0] == "ffprobe" or "-nostdin" in command
        parts = "\0".join(command).split("\0-i\0")
        assert len(parts) > 1, command
        for options, named in pairwise(parts):
            assert "\0-protocol_whitelist\0file" in options, command
            assert "\0-format_whitelist\0" in options, command
            assert named.startswith("file:"), command


def work_on(film: Path, folder: Path) -> None:
    """Do with a film what the stages do with one."""
    media, clip = probe_media(film), ClipRange(start=0.2, end=1.8)
    sound_of = media.audio_streams[0].index
    wav, text = folder / f"{HOSTILE}.wav", folder / f"{HOSTILE}.ass"
    pysubs2.SSAFile.from_string("1\n00:00:00,500 --> 00:00:01,900\nLine\n").save(str(text))
    beside = media.clock_streams(sound_of)
    files = [SoundOutput(wav, SPEECH_FORMAT, SPEECH_RATE)]
    extract_audio(film, sound_of, clip, files, 30, beside=beside)
    assert wav_duration(wav) == pytest.approx(1.6, abs=0.01)
    assert find_shot_changes(film, None, folder, 30).times == []
    assert undecodable_points(film, sound_of, 0.0, 2.0) == []
    assert goes_on_after(film, (0.5, 2.0))
    burnt = BurntIn(text, folder)
    plan = MuxPlan(media, [SubtitleTrack(text, "en", True)], clip, burnt_in=burnt)
    made = folder / "made.mkv"
    mux_film(film, replace(plan, attached=[Attachment(text, "text/x-ssa")]), made, 60)
    assert [s.kind for s in probe_media(made).streams].count("subtitle") == 1
