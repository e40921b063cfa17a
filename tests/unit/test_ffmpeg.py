#!/usr/bin/env python3
"""Tests of shared/media/ffmpeg.py: the one door to ffmpeg."""

from __future__ import annotations

import ast
import os
import re
import time
from pathlib import Path

import pytest

from shared.core.errors import DependencyError, InputError, UnavailableError
from shared.core.paths import PROJECT_ROOT
from shared.media.ffmpeg import input_arguments, output_arguments, run_ffmpeg, run_tool
from shared.media.probe import probe_media
from tests.support.media import silence

# They read this project's own recordings, by name.
OPENERS = {
    "shared/media/demo_film.py",
    "shared/media/ffmpeg.py",
    "tools/make_speech_fixtures.py",
    "tools/probes/probe.py",
}
STARTS = re.compile(r"(subprocess|asyncio)\.|os\.(system|popen|exec|spawn|posix_spawn)|Popen$")
# None of them but the first starts ffmpeg on a file.
STARTERS = {
    "shared/media/ffmpeg.py",
    "shared/core/common_python.py",
    "shared/core/nvidia.py",
    "shared/doctor/machine.py",
    "shared/environment_manager.py",
    "shared/pipeline/prepare/demo.py",
    "shared/pipeline/run/process.py",
    "shared/translation/worker_client.py",
    "scripts/writing/hindi_names.py",
    "scripts/translators/llama_server.py",
}
ENDLESS = ["-re", "-f", "lavfi", "-i", "anullsrc", "-f", "null", "-"]


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Two seconds of silence."""
    return silence(tmp_path / "song.wav", 2)


def test_progress_is_told_in_seconds_and_reaches_the_end(song: Path, tmp_path: Path) -> None:
    told: list[float] = []
    output = output_arguments(tmp_path / "out.wav")
    run_ffmpeg([*input_arguments(song), *output], 30, told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(2.0, abs=0.05)


def test_an_output_is_replaced(song: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.wav"
    target.write_text("old")
    run_ffmpeg([*input_arguments(song), *output_arguments(target)], 30)
    assert target.stat().st_size > 1000


@pytest.mark.parametrize("name", ["%03d.wav", "-o.wav", "a:b.wav", "new\nline.wav", "pipe:1.wav"])
def test_any_output_name_is_a_file(
    song: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run_ffmpeg([*input_arguments(song), *output_arguments(Path(name))], 30)
    assert (tmp_path / name).stat().st_size > 1000


def test_a_failure_says_what_ffmpeg_said(song: Path, tmp_path: Path) -> None:
    with pytest.raises(DependencyError, match="Stream map '0:7' matches no streams"):
        arguments = [*input_arguments(song), "-map", "0:7", *output_arguments(tmp_path / "o.wav")]
        run_ffmpeg(arguments, 30)


def test_a_time_limit_ends_it_at_once() -> None:
    started = time.monotonic()
    with pytest.raises(DependencyError, match="longer than") as caught:
        run_ffmpeg(ENDLESS, 0.3)
    assert time.monotonic() - started < 10
    assert "FFMPEG_TIMEOUT_SECONDS" in caught.value.hint


def test_a_caller_that_fails_leaves_no_ffmpeg_behind(tmp_path: Path) -> None:
    """The endless ffmpeg would go on writing its file."""

    def fail(seconds: float) -> None:
        raise KeyboardInterrupt

    target = tmp_path / "endless.wav"
    with pytest.raises(KeyboardInterrupt):
        run_ffmpeg([*ENDLESS[:-3], *output_arguments(target)], 30, fail)
    size = target.stat().st_size
    time.sleep(0.3)
    assert target.stat().st_size == size


def test_a_tool_answers_fails_and_times_out(song: Path) -> None:
    asked = ["ffprobe", "-v", "error", "-of", "csv=p=0", "-show_entries", "format=duration"]
    assert float(run_tool([*asked, *input_arguments(song)], 30)) == pytest.approx(2.0)
    with pytest.raises(DependencyError, match="No such file"):
        run_tool([*asked, *input_arguments(song.with_name("gone.wav"))], 30)
    with pytest.raises(DependencyError, match="ffmpeg took longer than 0 s"):
        run_tool(["ffmpeg", "-v", "error", "-nostdin", *ENDLESS], 0.3)


def test_a_missing_program_is_named_with_the_way_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnavailableError, match="ffmpeg is not installed") as caught:
        run_ffmpeg(ENDLESS, 1)
    assert caught.value.hint == "./bootstrap.sh"


def test_a_playlist_cannot_reach_another_file(song: Path, tmp_path: Path) -> None:
    playlist = tmp_path / "list.wav"
    playlist.write_bytes(b"ffconcat version 1.0\nfile '" + os.fsencode(song) + b"'\n")
    with pytest.raises(DependencyError):
        run_ffmpeg([*input_arguments(playlist), *output_arguments(tmp_path / "o.wav")], 30)


@pytest.mark.parametrize(
    "playlist",
    [
        "ffconcat version 1.0\nfile '{}'\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{}\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://{}\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://127.0.0.1:9{}\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 9 RTP/AVP 0\n",
        "[Reference]\nRef1=http://127.0.0.1:9{}\n",
    ],
)
def test_a_playlist_named_as_a_film_is_refused(song: Path, tmp_path: Path, playlist: str) -> None:
    film = tmp_path / "film.mp4"
    film.write_text(playlist.format(song), encoding="utf-8")
    with pytest.raises(InputError, match="is not a media file that can be read") as caught:
        probe_media(film)
    assert caught.value.exit_code == 2


def modules() -> list[str]:
    """Return the project's modules, relative to it."""
    found = [p for f in ("shared", "scripts", "tools") for p in (PROJECT_ROOT / f).rglob("*.py")]
    return sorted(path.relative_to(PROJECT_ROOT).as_posix() for path in found)


def constants(tree: ast.AST) -> set[object]:
    """Return the constants in a piece of code."""
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}


def opened_elsewhere(tree: ast.AST) -> list[int]:
    """Return the lines that name an input of ffmpeg which is no source of ffmpeg's own (lavfi)."""
    lists = [n for n in ast.walk(tree) if isinstance(n, ast.List | ast.Tuple | ast.Call)]
    generated = {id(node) for one in lists if "lavfi" in constants(one) for node in ast.walk(one)}
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node.value == "-i" and id(node) not in generated
    ]


def started_programs(tree: ast.AST) -> set[str]:
    """Return the functions that start a program, as they are called."""
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return {name for name in called if STARTS.match(name)}


@pytest.mark.parametrize("name", modules())
def test_only_this_door_opens_foreign_media(name: str) -> None:
    tree = ast.parse((PROJECT_ROOT / name).read_text(encoding="utf-8"))
    if name not in OPENERS:
        assert opened_elsewhere(tree) == [], "use input_arguments of shared/media/ffmpeg.py"
    if not name.startswith("tools/") and name not in STARTERS:
        assert started_programs(tree) == set(), "is this one more door for subprocesses?"


def test_a_second_door_would_be_found() -> None:
    tree = ast.parse("subprocess.run(['ffmpeg', '-i', film])\nos.system('ffprobe x')")
    assert opened_elsewhere(tree) == [1]
    assert started_programs(tree) == {"subprocess.run", "os.system"}
