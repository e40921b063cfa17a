#!/usr/bin/env python3
"""
Breaker: a service that does not answer is asked once, not by every film (standards 6.4).

Failures one after another open the circuit, a time-out opens it at once; while it is open, nobody
asks. Then one call goes through: with its success the circuit closes, else it stays open as long
again. The state is shared by all processes that work for one output folder.

Usage:
    from shared.services.breaker import service_breaker

    breaker = service_breaker("TMDB", "https://api.themoviedb.org/3", is_failure=..., is_hang=...)
    film = breaker.call(lambda: ask(...))
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pybreaker import CircuitBreaker, CircuitBreakerError, CircuitBreakerListener

from shared.config import load_config
from shared.core.errors import DependencyError
from shared.core.paths import PROJECT_ROOT
from shared.services.breaker_file import BreakerFile
from shared.services.calls import told

Answer = TypeVar("Answer")
Judge = Callable[[BaseException], bool]
SERVICES_FOLDER = ".services"
SHORT_DIGEST = 12


class ServiceOpenError(DependencyError):
    """The service failed so lately that it is not asked (exit code 4)."""


class ServiceBreaker:
    """Asks one service, or does not.

    Args:
        name: As people call the service.
        state: Where the circuit's state is kept.
        failures: How many one after another open the circuit.
        recovery: Seconds that it stays open.
        is_failure: Whether an error means that the service is in trouble; every other one is an
            answer.
        is_hang: Whether an error took so long that one of it is enough.
    """

    def __init__(
        self,
        name: str,
        state: BreakerFile,
        failures: int,
        recovery: float,
        is_failure: Judge,
        is_hang: Judge,
    ) -> None:
        self.name = name
        self._state = state
        self._circuit = CircuitBreaker(
            fail_max=failures,
            reset_timeout=recovery,
            # An interruption says nothing good about the service: it is no success.
            exclude=[lambda error: isinstance(error, Exception) and not is_failure(error)],
            listeners=[_Impatient(is_hang)],
            state_storage=state,
            name=name,
            throw_new_error_on_trip=False,
        )

    def call(self, request: Callable[[], Answer]) -> Answer:
        """Return the service's answer.

        Args:
            request: Asks it.

        Raises:
            ServiceOpenError: The circuit is open: nobody was asked.
            Exception: What the request raised.
        """
        return told(self.name, lambda: self._ask(request), _is_refusal)

    def _ask(self, request: Callable[[], Answer]) -> Answer:
        try:
            return self._circuit.call(request)
        except CircuitBreakerError:
            until = time.strftime("%H:%M:%S", time.localtime(self._state.open_until()))
            raise ServiceOpenError(
                f"{self.name} failed lately and is not asked before {until}",
                hint="The same command asks again then",
            ) from None


def _is_refusal(error: BaseException) -> bool:
    return isinstance(error, ServiceOpenError)


class _Impatient(CircuitBreakerListener):
    """Opens the circuit at the first failure that took its whole time."""

    def __init__(self, is_hang: Judge) -> None:
        self._is_hang = is_hang

    def failure(self, cb: CircuitBreaker, exc: BaseException) -> None:
        """Judge a failure."""
        if self._is_hang(exc):
            cb.open()


def service_breaker(
    name: str, address: str, is_failure: Judge, is_hang: Judge = lambda error: False
) -> ServiceBreaker:
    """Return the breaker of a service as the configuration wants it.

    What it reads there shapes no result and counts among no stage's parameters.

    Args:
        name: As people call the service.
        address: Where it is: the same service elsewhere has a state of its own.
        is_failure: As for ServiceBreaker.
        is_hang: As for ServiceBreaker.
    """
    config = load_config(recorded=False)
    folder = PROJECT_ROOT / Path(config.output_root).expanduser() / SERVICES_FOLDER
    state = BreakerFile(folder / _file_name(name, address), config.service_recovery_seconds)
    return ServiceBreaker(
        name, state, config.service_failures, config.service_recovery_seconds, is_failure, is_hang
    )


def _file_name(name: str, address: str) -> str:
    digest = hashlib.sha256(address.rstrip("/").encode("utf-8", "surrogateescape")).hexdigest()
    plain = re.sub(r"[^a-z0-9]+", "-", name.casefold())
    return f"{plain}-{digest[:SHORT_DIGEST]}.json"
