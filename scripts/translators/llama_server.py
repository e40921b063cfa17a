#!/usr/bin/env python3
"""
llama.cpp: a language model from a file of this machine, served to this process alone.

The only place that imports xllamacpp. The server listens on the loopback interface, at a port and
with a key of its own, and ends with the process.

Usage:
    server = LlamaServer(Path("model.gguf"), device="cpu", threads=0)
    openai.OpenAI(base_url=server.url, api_key=server.key)
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shared.core.errors import InputError, UnavailableError
from shared.core.machine.cpu_share import stage_cpus

LOOPBACK = "127.0.0.1"
# Tokens of a request and its answer together: a batch of lines with those before it.
CONTEXT = 8192
ALL_LAYERS = 999
MAGIC = b"GGUF"
# A line's translation has at most so many characters for each of the line, and these in any case.
CHARACTERS_PER_CHARACTER, CHARACTERS_MORE = 4, 80


class LlamaServer:
    """A running server.

    Args:
        file: The model, GGUF.
        device: cpu, or anything else to let the GPU have the layers.
        threads: Of the CPU; 0 = as many as this process may use.

    Raises:
        InputError: The file holds no such model.
        UnavailableError: The library is not installed, or the model cannot be loaded.
    """

    def __init__(self, file: Path, device: str, threads: int) -> None:
        require_gguf(file)
        try:
            import xllamacpp
        except ImportError as error:
            raise UnavailableError(
                f"llama.cpp cannot be loaded: {error}", hint="./bootstrap.sh --env llm --force"
            ) from error
        self.key = secrets.token_urlsafe()
        parameters = xllamacpp.CommonParams()
        parameters.model.path = str(file)
        parameters.hostnames = [LOOPBACK]
        parameters.port = 0
        parameters.api_keys = [self.key]
        parameters.n_ctx = CONTEXT
        parameters.n_parallel = 1
        parameters.n_gpu_layers = 0 if device == "cpu" else ALL_LAYERS
        parameters.warmup = False
        # Its own count takes in CPUs that this process may not use, and its threads wait busily.
        count = threads or stage_cpus()
        parameters.cpuparams.n_threads = count
        parameters.cpuparams_batch.n_threads = count
        try:
            self._server = xllamacpp.Server(parameters)
        except RuntimeError as error:
            raise UnavailableError(
                f"llama.cpp cannot load {file}: {error}", hint="Fetch the file again"
            ) from error
        self.url = f"{self._server.listening_address}/v1"


def require_gguf(file: Path) -> None:
    """Refuse what is no model of llama.cpp.

    Args:
        file: What LLM_MODEL names.

    Raises:
        InputError: There is no such file, or it holds something else.
    """
    try:
        with open(file, "rb") as model:
            magic = model.read(len(MAGIC))
    except OSError as error:
        raise InputError(
            f"LLM_MODEL={file} cannot be read: {error.strerror}",
            hint="With LLM_PROVIDER=local it names a .gguf file",
        ) from error
    if magic != MAGIC:
        raise InputError(f"{file} is no GGUF model", hint="Fetch the file again")


def answer_form(lines: Sequence[tuple[int, str]]) -> dict[str, Any]:
    """Return the form that an answer must have; llama.cpp lets the model write nothing else.

    Args:
        lines: Id and text of each line, in order.
    """

    def one(number: int, text: str) -> dict[str, Any]:
        longest = CHARACTERS_PER_CHARACTER * len(text) + CHARACTERS_MORE
        fields = {
            "id": {"const": number},
            "text": {"type": "string", "minLength": 1, "maxLength": longest},
        }
        return _object(fields)

    items = [one(number, text) for number, text in lines]
    count = len(items)
    array = {"type": "array", "prefixItems": items, "minItems": count, "maxItems": count}
    schema = _object({"lines": array})
    return {"type": "json_schema", "json_schema": {"name": "translation", "schema": schema}}


def _object(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }
