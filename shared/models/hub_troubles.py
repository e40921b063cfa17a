#!/usr/bin/env python3
"""
Hub troubles: what may be gone in a moment is tried again, and what stays is told to a person.

Tried again: busy and failing servers (408, 425, 429, 5xx) after the wait that they ask for, a
connection that breaks, half a file. Not: a refusal (401, 403), what is not there (404), a hub that
cannot be reached or does not answer in its time.

Usage:
    from shared.models.hub_troubles import ask_hub

    info = ask_hub(model, lambda: HfApi().model_info(model.repository))
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from tenacity import Retrying, retry_if_exception, stop_after_attempt

from shared.config import HUB_TOKEN, load_secret
from shared.core.errors import DependencyError, PipelineError, UnavailableError
from shared.models.catalogue import Model
from shared.models.store import fetch_command
from shared.services import status as http
from shared.services.retry import LONGEST_WAIT, wait_as_told, wait_of

Answer = TypeVar("Answer")
ATTEMPTS = 4
FIRST_WAIT = 1.0
SERVER_FAULT = 500
# What the hub's client says, in an error without a type of its own, of a file of another length.
WRONG_LENGTH = "Consistency check failed"


def ask_hub(
    model: Model,
    call: Callable[[], Answer],
    before_again: Callable[[], None] = lambda: None,
) -> Answer:
    """Return what a call of the hub's client returns, tried again while that may help.

    Args:
        model: What it is about, for the error.
        call: Asks the hub; what a broken one left is gone on with.
        before_again: Called before each further try.

    Raises:
        UnavailableError: No hub, no permission, no such model there.
        DependencyError: The hub fails.
    """
    patient = Retrying(
        retry=retry_if_exception(may_pass),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_as_told(FIRST_WAIT),
        before_sleep=lambda state: before_again(),
        reraise=True,
    )
    with _told(model):
        return patient(call)


def may_pass(error: BaseException) -> bool:
    """Return whether an error of the hub's client may be gone in a moment.

    Args:
        error: As it was raised; a missing file is judged by what kept it away.
    """
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
    from requests.exceptions import ChunkedEncodingError, ConnectionError
    from urllib3.exceptions import ProtocolError

    if isinstance(error, LocalEntryNotFoundError) and error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, HfHubHTTPError):
        return http.may_pass(_status(error)) and (wait_of(error) or 0.0) <= LONGEST_WAIT
    if isinstance(error, ChunkedEncodingError):
        return True
    if isinstance(error, ConnectionError):  # broken, not refused or without a name
        return any(isinstance(cause, ProtocolError) for cause in error.args)
    return is_wrong_length(error)


def is_wrong_length(error: BaseException) -> bool:
    """Return whether the hub sent more or less of a file than it announced.

    Args:
        error: As the hub's client raised it.
    """
    return isinstance(error, OSError) and str(error).startswith(WRONG_LENGTH)


@contextmanager
def _told(model: Model) -> Iterator[None]:
    """Turn what the hub's client raises into the pipeline's errors."""
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
    from requests.exceptions import RequestException

    try:
        yield
    except LocalEntryNotFoundError as error:
        cause = error.__cause__
        if isinstance(cause, HfHubHTTPError):
            raise _refused(model, cause) from error
        raise _silent(model) from error
    except HfHubHTTPError as error:
        raise _refused(model, error) from error
    except RequestException as error:
        raise _silent(model) from error
    except OSError as error:
        if not is_wrong_length(error):
            raise
        raise DependencyError(
            f"The model hub sent a file of another length than it announced, {ATTEMPTS} times",
            hint=f"Try again later: {fetch_command(model)}",
        ) from error


def _status(error: Exception) -> int:
    response = getattr(error, "response", None)
    return int(response.status_code) if response is not None else SERVER_FAULT


def _refused(model: Model, error: Exception) -> PipelineError:
    """Return what an HTTP error of the hub means to a person."""
    from huggingface_hub.errors import RevisionNotFoundError

    status = _status(error)
    if isinstance(error, RevisionNotFoundError):
        return UnavailableError(
            f"The hub no longer has the revision of {model.repository} that was asked for",
            hint="It is the one of shared/models/pins.py or of models/ENGINE/.first-use; a folder "
            "with the model may be named instead",
        )
    if status in {401, 403}:
        why = "is not accepted" if load_secret(HUB_TOKEN) else "is not set"
        return UnavailableError(
            f"The hub does not give {model.repository} to everybody, and {HUB_TOKEN} {why}",
            hint=f"Accept its terms on https://huggingface.co/{model.repository}, set {HUB_TOKEN}; "
            f"then {fetch_command(model)}",
        )
    if status < SERVER_FAULT and not http.may_pass(status):
        return UnavailableError(
            f"The hub has no {model.repository} (HTTP {status})",
            hint=f"python3 tools/models.py list {model.engine}",
        )
    return DependencyError(
        http.said_by("The model hub", status), hint=f"Try again later: {fetch_command(model)}"
    )


def _silent(model: Model) -> UnavailableError:
    return UnavailableError(
        f"The model hub does not answer; it was asked for {model.engine} {model.name}{model.size}",
        hint=f"With a network, go on with: {fetch_command(model)}",
    )
