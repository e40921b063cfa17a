#!/usr/bin/env python3
"""Tests of tools/bootstrap/: pip's settings for uv, torch's source, commands and their errors."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

import pytest

from shared.core.errors import DependencyError, UnavailableError
from shared.environment_manager import ENVIRONMENTS, PROJECT_ROOT
from tools.bootstrap.command import Runner, last_words
from tools.bootstrap.ffmpeg import ensure_ffmpeg, missing_programs
from tools.bootstrap.settings import (
    parse_pip_config,
    read_pip_settings,
    uv_file_keys,
    uv_settings,
)
from tools.bootstrap.torch_source import CpuWheels, torch_pins, without_torch

PIP_LISTING = """
:env:.index-url='https://env.example/simple'
global.index-url='https://global.example/simple'
global.extra-index-url='\\nhttps://one.example/simple\\nhttps://two.example/simple'
install.find-links='wheels more-wheels'
global.find-links='elsewhere'
global.default-timeout='30'
list.format='columns'
"""


def test_pip_settings_keep_pips_precedence() -> None:
    settings = parse_pip_config(PIP_LISTING)
    assert settings["index-url"] == "https://env.example/simple"
    assert settings["find-links"] == "wheels more-wheels"
    assert settings["timeout"] == "30"
    assert "format" not in settings


def test_pip_is_asked_itself(tmp_path: Path) -> None:
    config = tmp_path / "pip.conf"
    config.write_text("[global]\nextra-index-url =\n    file:///a\n    file:///b\n")
    environment = {"PIP_CONFIG_FILE": str(config), "PIP_NO_INDEX": "1", "PATH": os.environ["PATH"]}
    settings = read_pip_settings(Path(sys.executable), environment)
    if not settings:
        pytest.skip("this Python has no pip")
    assert settings["extra-index-url"].split() == ["file:///a", "file:///b"]
    assert settings["no-index"] == "1"


def test_uv_gets_what_pip_was_told() -> None:
    pip = {
        "index-url": "https://mirror.example/simple",
        "extra-index-url": "https://one.example/simple\nhttps://two.example/simple",
        "find-links": "a b",
        "trusted-host": "one.example two.example",
        "cert": "ca.pem",
        "timeout": "60",
        "no-index": "true",
    }
    assert uv_settings({}, pip) == {
        "UV_DEFAULT_INDEX": "https://mirror.example/simple",
        "UV_INDEX": "https://one.example/simple https://two.example/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": "a,b",
        "UV_INSECURE_HOST": "one.example two.example",
        "SSL_CERT_FILE": "ca.pem",
        "UV_HTTP_TIMEOUT": "60",
        "UV_NO_INDEX": "true",
    }


def test_without_settings_uv_gets_none() -> None:
    assert uv_settings({}, {"no-index": "false", "index-url": ""}) == {}


def test_uvs_own_settings_win(tmp_path: Path) -> None:
    pip = {"index-url": "https://pip.example", "find-links": "a", "cert": "ca.pem"}
    environment = {"UV_INDEX_URL": "https://uv.example", "SSL_CERT_FILE": "mine.pem"}
    assert uv_settings(environment, pip) == {"UV_FIND_LINKS": "a"}
    (tmp_path / "uv").mkdir()
    (tmp_path / "uv" / "uv.toml").write_text('find-links = ["b"]\n[[index]]\nurl = "file:///x"\n')
    keys = uv_file_keys({"XDG_CONFIG_HOME": str(tmp_path)})
    assert uv_settings({}, pip, keys) == {"SSL_CERT_FILE": "ca.pem"}


def test_a_failing_program_is_quoted_and_logged(tmp_path: Path) -> None:
    runner = Runner(tmp_path / "log", {"PATH": os.environ["PATH"]})
    script = "echo at work; echo 'error: no https://me:s3cret@host' >&2; echo bye; exit 7"
    with pytest.raises(DependencyError) as caught:
        runner.run(["sh", "-c", script], "It failed", "Try again")
    assert caught.value.cause == "It failed: error: no https://[secret]@host"
    log = (tmp_path / "log").read_text()
    assert "at work" in log and "[exit code 7]" in log and "s3cret" not in log


def test_a_program_that_is_not_there_is_a_dependency_error(tmp_path: Path) -> None:
    with pytest.raises(DependencyError) as caught:
        Runner(tmp_path / "log", {}).run([str(tmp_path / "none")], "It failed", "Install it")
    assert caught.value.exit_code == 4


def test_the_last_words_are_the_last_line_without_an_error() -> None:
    assert last_words("one\n two \n\n") == "two"
    assert last_words("") == ""


LOCK = """\
nvidia-nccl-cu12==2.27.3 ; sys_platform == 'linux' \\
    --hash=sha256:aa
sympy==1.14.0 \\
    --hash=sha256:bb \\
    --hash=sha256:cc
torch==2.8.0 ; python_full_version < '3.14' \\
    --hash=sha256:dd
torchmetrics==1.9.0 \\
    --hash=sha256:ee
"""


def test_the_cpu_route_takes_torch_and_cuda_out_of_the_lock() -> None:
    assert torch_pins(LOCK) == ["torch==2.8.0"]
    rest = without_torch(LOCK)
    assert rest == (
        "sympy==1.14.0 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\n"
        "torchmetrics==1.9.0 \\\n    --hash=sha256:ee\n"
    )


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_the_cpu_route_loses_nothing_else_of_the_locks(env: str) -> None:
    text = (PROJECT_ROOT / "requirements" / "locks" / f"{env}.txt").read_text()
    kept = without_torch(text)
    lost = set(text.splitlines()) - set(kept.splitlines())
    packages = {line.partition("==")[0] for line in lost if not line.startswith(" ")}
    assert {name for name in packages if not name.startswith("nvidia-")} == {
        pin.partition("==")[0] for pin in torch_pins(text)
    }


def test_without_pytorchs_index_the_default_wheels_are_taken(tmp_path: Path) -> None:
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        pytest.skip("only there do the default wheels bring CUDA")
    uv = tmp_path / "uv"
    uv.write_text("#!/bin/sh\necho error: Failed to fetch\nexit 2\n")
    uv.chmod(0o755)
    runner = Runner(tmp_path / "log", {"PATH": os.environ["PATH"]})
    wheels = CpuWheels(runner, uv, Path(sys.executable), tmp_path / "torch-cpu.txt")
    assert wheels.source(["torch==2.8.0"], "cpu") == "default"
    assert wheels.source(["torch==2.8.0"], "cuda") == "default"
    assert wheels.source([], "cpu") == "none"
    assert not wheels.lock.exists()


def test_a_missing_ffmpeg_without_a_package_manager_is_unavailable(tmp_path: Path) -> None:
    runner = Runner(tmp_path / "log", {"PATH": str(tmp_path)})
    assert missing_programs(runner) == ["ffmpeg", "ffprobe"]
    with pytest.raises(UnavailableError) as caught:
        ensure_ffmpeg(runner, say=lambda text: None)
    assert "ffprobe" in caught.value.cause and "PATH" in caught.value.hint


@pytest.fixture
def package_manager(tmp_path: Path) -> Path:
    """A folder to put on PATH with an apt-get whose installation makes ffmpeg and ffprobe there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "env").symlink_to("/usr/bin/env")
    program = folder / "apt-get"
    program.write_text(
        "#!/bin/sh\n"
        'if [ "$1" = update ]; then exit 100; fi\n'
        'for name in ffmpeg ffprobe; do printf "#!/bin/sh\\n" > "${0%/*}/$name"\n'
        '/bin/chmod +x "${0%/*}/$name"; done\n'
    )
    program.chmod(0o755)
    return folder


@pytest.mark.skipif(os.geteuid() != 0, reason="installs as root")
def test_root_gets_ffmpeg_even_if_a_package_source_is_down(package_manager: Path) -> None:
    runner = Runner(package_manager / "log", {"PATH": str(package_manager)})
    ensure_ffmpeg(runner, say=lambda text: None)
    assert missing_programs(runner) == []


def test_others_are_told_the_command(
    package_manager: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    runner = Runner(package_manager / "log", {"PATH": str(package_manager)})
    with pytest.raises(UnavailableError) as caught:
        ensure_ffmpeg(runner, say=lambda text: None)
    assert caught.value.hint.startswith("Run: sudo apt-get update && sudo apt-get install -y")
    assert missing_programs(runner) == ["ffmpeg", "ffprobe"]
