#!/usr/bin/env python3
"""
Locks: an environment that somebody added has requirements and no lock yet; it gets one.

Usage:
    from tools.bootstrap.locks import ensure_lock

    ensure_lock(workshop, "scenes", say=print)
"""

from __future__ import annotations

from collections.abc import Callable

from shared.core.errors import InputError
from tools.bootstrap.environments import Workshop

SCRIPT = "tools/lock-requirements.sh"


def ensure_lock(workshop: Workshop, env: str, say: Callable[[str], None]) -> None:
    """Lock an environment's requirements where that was not done, for this machine at least.

    Args:
        workshop: The tools.
        env: The environment's name.
        say: Tells the person what happens.

    Raises:
        InputError: It has no requirements either.
        DependencyError: They cannot be resolved.
    """
    manager = workshop.manager
    if manager.lock_file(env).is_file():
        return
    requirements = manager.requirements_file(env)
    if not requirements.is_file():
        name = requirements.relative_to(manager.project_root)
        raise InputError(
            f"The environment '{env}' has neither requirements nor a lock",
            hint=f"Write what it needs into {name}, a package a line",
        )
    say(f"{env}: locking requirements/{requirements.name}")
    command = ["bash", str(manager.project_root / SCRIPT)]
    if workshop.runner.read([*command, env])[0] == 0:
        return
    say(f"{env}: cannot be locked for every platform; locking it for this machine")
    workshop.runner.run(
        [*command, "--here", env],
        f"The requirements of '{env}' could not be resolved together with requirements-core.txt",
        f"Details are in venv/.bootstrap.log; mend requirements/{requirements.name}",
    )
