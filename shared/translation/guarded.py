#!/usr/bin/env python3
"""
Guarded: a backend that asks a service over the network, and is asked only while that one works.

Usage:
    backend = GuardedBackend(worker, language_model_breaker(config.llm_provider, address))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.services.breaker import ServiceBreaker, service_breaker
from shared.translation.backend import Backend, Comparing, HungError, SourceLine, TransientError


def language_model_breaker(provider: str, address: str) -> ServiceBreaker:
    """Return the breaker of a language model's service.

    A single time-out is no hang: a long batch may just have been too much.

    Args:
        provider: Its interface, openai or anthropic.
        address: Where it is, "" = the provider's own.
    """
    return service_breaker(
        "The language model's service",
        f"{provider} {address}",
        is_failure=lambda error: isinstance(error, TransientError | HungError),
        is_hang=lambda error: isinstance(error, HungError),
    )


class GuardedBackend:
    """A Backend (see shared/translation/backend.py) behind a circuit breaker.

    Args:
        backend: Asks the service.
        breaker: The service's.
    """

    def __init__(self, backend: Backend, breaker: ServiceBreaker) -> None:
        self.name = backend.name
        self.model = backend.model
        self._backend = backend
        self._breaker = breaker

    def translate(
        self,
        lines: Sequence[SourceLine],
        source: str,
        target: str,
        before: Sequence[SourceLine] = (),
    ) -> Mapping[int, str]:
        """Return the translation of each line by id; see Backend."""
        return self._breaker.call(lambda: self._backend.translate(lines, source, target, before))

    def likeness(
        self, sources: Sequence[str], texts: Sequence[str]
    ) -> Sequence[Sequence[float]] | None:
        """Compare meanings, which asks no service; see Comparing."""
        if not isinstance(self._backend, Comparing):
            return None
        return self._backend.likeness(sources, texts)
