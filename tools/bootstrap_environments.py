#!/usr/bin/env python3
"""
Bootstrap: creates the virtual environments of the pipeline and checks them.

The work behind bootstrap.sh. Finds what the machine needs, installs FFmpeg where that is allowed
and makes every environment that is not good. Runs before any environment exists, so it uses the
standard library only. Run again, it does nothing when nothing is missing.

Usage:
    ./bootstrap.sh [--env NAME]... [--all] [--profile auto|cpu|cuda|mlx]
        [--check [--quick] [--json]] [--force]
"""

from __future__ import annotations

import argparse
import fcntl
import os
import platform
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

# Less than that nobody asks about.
WORTH_TELLING_GB = 1.0
PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.environment_lock import hold_alone  # noqa: E402
from shared.core.errors import (  # noqa: E402
    EXIT_FAILURE,
    EXIT_INTERRUPTED,
    EXIT_SUCCESS,
    EXIT_UNAVAILABLE,
    InputError,
    PipelineError,
    UnavailableError,
)
from shared.core.redact import mask_addresses  # noqa: E402
from shared.doctor.disk import disk_use  # noqa: E402
from shared.environment_manager import ENVIRONMENTS, HERE, EnvironmentManager  # noqa: E402
from shared.hardware_detection import detect_hardware  # noqa: E402
from tools.bootstrap.arguments import parse_arguments  # noqa: E402
from tools.bootstrap.command import Runner  # noqa: E402
from tools.bootstrap.environments import Workshop, build, check_disk  # noqa: E402
from tools.bootstrap.ffmpeg import ensure_ffmpeg, missing_programs  # noqa: E402
from tools.bootstrap.installer import ensure_uv, uv_runner  # noqa: E402
from tools.bootstrap.locks import ensure_lock  # noqa: E402
from tools.bootstrap.proof import Proof, prove  # noqa: E402
from tools.bootstrap.report import Report  # noqa: E402
from tools.bootstrap.settings import base_environment  # noqa: E402

LOG_FILE = PROJECT_ROOT / "venv" / ".bootstrap.log"
LOCK_FILE = PROJECT_ROOT / "venv" / ".bootstrap.lock"
# Seconds that a tool which is about to end holds set-up up; a job takes longer.
USERS_WAIT = 10.0
# What the locks are resolved for.
PLATFORMS = (("Linux", "x86_64"), ("Linux", "aarch64"), ("Darwin", "arm64"))


def main(arguments: Sequence[str]) -> int:
    """Run bootstrap; the error boundary. Returns the exit code.

    Args:
        arguments: Without the program's name.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        options = parse_arguments(arguments)
        if (platform.system(), platform.machine()) not in PLATFORMS:
            raise UnavailableError(
                f"The environments cannot be made on {platform.system()} {platform.machine()}",
                hint="Use Linux (x86_64, aarch64) or macOS on Apple Silicon",
            )
        found = detect_hardware().profile
        profile = found if options.profile == "auto" else options.profile
        manager = EnvironmentManager(PROJECT_ROOT, profile=profile)
        check_listed(options.listed)
        names = choose(manager, options.env, options.all)
        runner = Runner(LOG_FILE, base_environment(), show=sys.stderr.isatty())
        if options.check:
            return check(manager, names, runner, options)
        return create(manager, names, runner, options.force)
    except PipelineError as error:
        _complain(error.cause, error.hint)
        return error.exit_code
    except KeyboardInterrupt:
        _complain("Interrupted", "Run ./bootstrap.sh again; it goes on where it stopped")
        return EXIT_INTERRUPTED
    except Exception as error:  # the boundary: nobody above could handle it
        LOG_FILE.parent.mkdir(exist_ok=True)
        with LOG_FILE.open("a", encoding="utf-8") as log:
            log.write(mask_addresses(traceback.format_exc()))
        _complain(f"{type(error).__name__}: {error}", "Details are in venv/.bootstrap.log")
        return EXIT_FAILURE


def check_listed(names: list[str]) -> None:
    """Refuse a name in the array of bootstrap.sh that nothing else knows.

    Args:
        names: Environments to look after.

    Raises:
        InputError: With the row to add.
    """
    for name in names:
        if name not in ENVIRONMENTS:
            raise InputError(
                f"bootstrap.sh lists '{name}', which is no environment yet",
                hint=f'Add the row "{name}": "venv/{name}" to ENVIRONMENTS in {HERE}',
            )


def choose(manager: EnvironmentManager, asked: list[str] | None, everything: bool) -> list[str]:
    """Return the environments to look after, in their fixed order, each once.

    Args:
        manager: Knows which environments this machine needs.
        asked: Names of --env; None without it.
        everything: Whether --all was given.

    Raises:
        InputError: A name is unknown.
        UnavailableError: An environment cannot exist on this machine.
    """
    possible = manager.possible()
    for name in asked or []:
        manager.folder(name)
        if name not in possible:
            raise UnavailableError(
                f"The environment '{name}' cannot exist on this machine",
                hint=f"Those that can: {', '.join(possible)}",
            )
    wanted = asked or (possible if everything else manager.needed())
    return [name for name in ENVIRONMENTS if name in wanted]


def check(
    manager: EnvironmentManager, names: list[str], runner: Runner, options: argparse.Namespace
) -> int:
    """Report every environment. Returns 3 unless those named, and FFmpeg, are good.

    Args:
        manager: Tells the state of each environment.
        names: Those to report.
        runner: Runs a command and returns its result.
        options: --json and what else shapes the report.
    """
    missing = missing_programs(runner)
    if options.quick:
        report = Report.of(manager, names, missing)
    else:
        disk = disk_use(manager.folder(env) for env in ENVIRONMENTS)
        report = Report.of(manager, names, missing, prover(manager, runner), disk)
    print(report.document(detect_hardware()) if options.json else report.table())
    if report.good:
        return EXIT_SUCCESS
    bad = ", ".join([*report.bad, *report.missing_programs])
    _complain(f"Not good: {bad}", report.repair_command(options.profile))
    return EXIT_UNAVAILABLE


def prover(manager: EnvironmentManager, runner: Runner) -> Callable[[str], Proof]:
    """Return what runs the engine of an environment on this machine's device, and says so.

    Args:
        manager: Knows where the environments lie.
        runner: Runs a command and returns its result.
    """
    device = detect_hardware().device if manager.profile != "cpu" else "cpu"

    def run(env: str) -> Proof:
        if runner.show:
            print(f"{env}: running its engine", file=sys.stderr, flush=True)
        probe = PROJECT_ROOT / "tools" / "probes" / f"{env}.py"
        if not probe.is_file():
            probe = probe.with_name("imports.py")
        return prove(env, manager.python(env), probe, device, runner.environment)

    return run


def create(manager: EnvironmentManager, names: list[str], runner: Runner, force: bool) -> int:
    """Install FFmpeg where needed, then make every environment that is not good.

    Args:
        manager: Tells the state of each environment.
        names: Those to make, in order.
        runner: Runs a command and returns its result.
        force: Make also those that are good.

    Returns:
        Exit code, 0: what fails raises.
    """
    ensure_ffmpeg(runner, print)
    if not force and not _unfinished(manager, names):
        print(f"Nothing to do, good already: {', '.join(names)}")
        return EXIT_SUCCESS
    with exclusive():
        # Another bootstrap may have made them while this one waited.
        todo = names if force else _unfinished(manager, names)
        if not todo:
            print(f"Nothing to do, good already: {', '.join(names)}")
            return EXIT_SUCCESS
        LOG_FILE.write_text("", encoding="utf-8")
        uv = ensure_uv(PROJECT_ROOT, Path(sys.executable), runner, print)
        workshop = Workshop(manager, uv_runner(PROJECT_ROOT, runner), uv, Path(sys.executable))
        for name in todo:
            ensure_lock(workshop, name, print)
        need = check_disk(workshop, todo)
        if need >= WORTH_TELLING_GB:
            print(f"Set-up takes about {need:.0f} GB of disk: {', '.join(todo)}", flush=True)
        for name in todo:
            _build_one(workshop, name, force)
    return EXIT_SUCCESS


def _build_one(workshop: Workshop, name: str, force: bool) -> None:
    """Make one environment and say how long it took."""
    begun = time.monotonic()
    source = workshop.source_of(name)
    torch = {"none": "", "cpu": ", with torch for CPUs"}.get(source, ", with torch")
    verb = "mending" if workshop.manager.status(name).state == "drifted" else "creating"
    print(f"{name}: {verb}{torch}", flush=True)
    with hold_alone(workshop.manager.folder(name), USERS_WAIT):
        build(workshop, name, force)
    print(f"{name}: done in {time.monotonic() - begun:.0f} s", flush=True)


def _unfinished(manager: EnvironmentManager, names: list[str]) -> list[str]:
    """Return those environments that are not good."""
    return [name for name in names if manager.status(name).state != "good"]


@contextmanager
def exclusive() -> Iterator[None]:
    """Hold the lock that keeps two bootstraps of one checkout apart; wait for it if need be.

    Raises:
        UnavailableError: The lock cannot be written.
    """
    try:
        LOCK_FILE.parent.mkdir(exist_ok=True)
        lock = os.open(LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise UnavailableError(
            f"Cannot write to {LOCK_FILE.parent}: {error.strerror}",
            hint="Whom the checkout belongs to runs ./bootstrap.sh",
        ) from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another bootstrap of this checkout", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _complain(cause: str, hint: str) -> None:
    """Tell the person what is wrong and what to do."""
    print(mask_addresses(f"error: {cause}"), file=sys.stderr)
    if hint:
        print(mask_addresses(f"hint: {hint}"), file=sys.stderr)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    """Treat a request to stop like Ctrl-C."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
