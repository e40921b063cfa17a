#!/usr/bin/env python3
"""
LLM service: asks a language model behind an API, whatever its service is like.

Services differ: a parameter that one wants another refuses (it is left out and that is remembered),
some think aloud before they answer (put away), answer in parts, say by a web page that they are
overloaded, or that the money is used up (no use to wait).

Usage:
    service = LanguageModelService(openai, client, "qwen3", seconds=120.0)
    text = service.ask("You translate …", '{"lines": […]}', heard, temperature=0.0, stream=True)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from scripts.translators.llm_answer import Heard, broken_off, no_answer, read_answer_text
from shared.core.errors import DependencyError, PipelineError
from shared.services import status as http
from shared.services.retry import wait_of
from shared.translation.backend import TransientError

KEY_NAME = "LLM_API_KEY"
ANTHROPIC = "anthropic"
# An answer holds a line's text, its id and braces; four thousand hold a batch of long ones.
MOST_TOKENS = 4096
REFUSED_PARAMETER = frozenset({400, 422})
USED_UP = re.compile(
    r"insufficient[_ ](?:quota|balance|credit|funds)|credit balance|billing"
    r"|exceeded your (?:current )?quota|quota[^.]{0,40}(?:used up|exhausted)|payment required",
    re.IGNORECASE,
)
NO_MONEY = 402
WELL = range(200, 300)
# Of the parameters that a service may refuse, those that Anthropic's library takes.
OF_ANTHROPIC = frozenset({"stream"})
# What a model writes for itself; some servers cut the opening mark away, some models never close.
THOUGHTS = re.compile(
    r"<(think|thinking|thought|reasoning|reflection)>.*?(?:</\1>|\Z)"
    r"|\A.*</(?:think|thinking|thought|reasoning|reflection)>",
    re.DOTALL | re.IGNORECASE,
)


class LanguageModelService:
    """A model behind an interface like OpenAI's or Anthropic's.

    Args:
        library: openai or anthropic; both name their errors alike.
        client: The library's client.
        model: As the service calls it.
        seconds: The longest time between two pieces of an answer.
    """

    def __init__(self, library: Any, client: Any, model: str, seconds: float) -> None:
        self._library = library
        self._client = client
        self._model = model
        self._seconds = seconds
        self._refused: frozenset[str] = frozenset()

    def ask(self, system: str, prompt: str, heard: Heard, **wanted: Any) -> str:
        """Return what the model answers, without what it thought.

        Args:
            system: What it is to do.
            prompt: The request.
            heard: Told of what comes, where the service streams.
            wanted: Parameters that the service may refuse.

        Returns:
            The text; "" where it said nothing.

        Raises:
            TransientError: Ask again.
            DependencyError: Asking again is useless.
        """
        without = self._refused
        while True:
            offered = {name: value for name, value in wanted.items() if name not in without}
            try:
                text = self._read(self._send(system, prompt, offered), heard)
            except self._library.APIStatusError as error:
                names = _refused_names(error, offered)
                if not names:
                    raise _pipeline_error(self._library, error, self._model) from None
                without |= names
            except self._library.APIError as error:
                raise _pipeline_error(self._library, error, self._model) from None
            except TimeoutError:
                raise _late() from None
            except ValueError:  # no JSON at all
                raise no_answer() from None
            else:
                self._refused = without
                return THOUGHTS.sub("", text).strip()

    def _read(self, raw: Any, heard: Heard) -> str:
        try:
            return read_answer_text(raw, self._seconds, heard)
        except self._library.APITimeoutError:
            raise
        except self._library.APIConnectionError:
            raise broken_off() from None

    def _send(self, system: str, prompt: str, offered: Mapping[str, Any]) -> Any:
        """Return what the service sends, of which the head is there."""
        asked = {"role": "user", "content": prompt}
        if self._library.__name__ == ANTHROPIC:
            taken = {name: value for name, value in offered.items() if name in OF_ANTHROPIC}
            return self._client.messages.with_raw_response.create(
                model=self._model, system=system, messages=[asked], max_tokens=MOST_TOKENS, **taken
            )
        return self._client.chat.completions.with_raw_response.create(
            model=self._model, messages=[{"role": "system", "content": system}, asked], **offered
        )


def _refused_names(error: Any, offered: Mapping[str, Any]) -> frozenset[str]:
    """Return which parameters to leave out: those an error names, all where it names none."""
    if error.status_code not in REFUSED_PARAMETER or _is_used_up(error):
        return frozenset()
    told = str(error.body) + str(error.message)
    return frozenset(name for name in offered if name in told) or frozenset(offered)


def _is_used_up(error: Any) -> bool:
    status = getattr(error, "status_code", None)
    return status == NO_MONEY or bool(USED_UP.search(f"{error.body} {error.message}"))


def _late() -> TransientError:
    return TransientError(
        "The language model did not answer in time", hint="Raise LLM_TIMEOUT_SECONDS"
    )


def _pipeline_error(library: Any, error: Any, model: str) -> PipelineError:
    """Return a library's error as ours, in our own words: a service's may repeat the key."""
    if isinstance(error, library.APITimeoutError):
        return _late()
    status = getattr(error, "status_code", None)
    if isinstance(error, library.APIResponseValidationError):
        return no_answer()
    if isinstance(error, library.APIConnectionError):
        return TransientError(
            "The language model's service cannot be reached", hint="Check LLM_BASE_URL"
        )
    if _is_used_up(error):
        return DependencyError(
            "The quota of the language model's service is used up",
            hint="Fill it up, then run the same command again",
        )
    if status is None or status in WELL:  # said in the middle of an answer
        return broken_off()
    told = http.said_by("The language model's service", status)
    if http.may_pass(status):
        return TransientError(told, retry_after=wait_of(error))
    hints = {
        401: f"Check {KEY_NAME} in config/secrets.json",
        403: f"Check what {KEY_NAME} may use",
        404: f"Check LLM_MODEL={model} and LLM_BASE_URL",
    }
    return DependencyError(told, hint=hints.get(status, "Check LLM_BASE_URL"))
