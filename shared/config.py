#!/usr/bin/env python3
"""
Config: the pipeline's configuration from its layers, validated, and its secrets.

The layers are those of shared/core/configuration/layers.py, the parameters those of
shared/core/settings.py. An unknown key, a wrong type or a value out of range is an InputError
(exit 2) that names file, line and the nearest known name. CP_CONFIG names a file to be read
in place of `config/.env.pipeline`; what lies beside that (.env.local, secrets.json) goes with it.

Usage:
    from shared.config import load_config

    config = load_config()            # in a stage: the job of the running stage
    config = load_config(job_dir)     # elsewhere
    model = config.whisper_model
    mine = getattr(config, "parameter_name", "default_value")  # one that is not declared (yet)

Note:
    This module and shared/core/configuration/ are the only ones of the pipeline that read
    environment variables.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shared.core.configuration import place, secrets
from shared.core.configuration.collected import collect
from shared.core.configuration.env_file import RawValue
from shared.core.configuration.forked import FORK_SERVER_VARIABLE
from shared.core.configuration.layers import (
    SETTINGS_VARIABLE,
    STANDARD_NAMES,
    as_given,
    lookalikes,
    refuse_unknown,
)
from shared.core.configuration.powers import is_power
from shared.core.configuration.seal import seal
from shared.core.configuration.trace_context import TRACEPARENT
from shared.core.configuration.variables import PREFIX, WEIGHTS_ONLY
from shared.core.errors import InputError, nearest
from shared.core.machine.cpu_share import STAGE_CPUS_VARIABLE
from shared.core.settings import Listener, PipelineConfig

Config = PipelineConfig
CONFIG_VARIABLE = place.CONFIG_VARIABLE
HUB_TOKEN, SECRET_NAMES = secrets.HUB_TOKEN, secrets.SECRET_NAMES
load_secret = secrets.load_secret
secret_values, secrets_present = secrets.secret_values, secrets.secrets_present
JOB_DIR_VARIABLE = "CP_JOB_DIR"
SCRATCH_VARIABLE = "CP_STAGE_SCRATCH"
EVENTS_FD_VARIABLE = "CP_EVENTS_FD"
LIFELINE_FD_VARIABLE = "CP_LIFELINE_FD"
LOCK_FD_VARIABLE = "CP_LOCK_FD"
RUNG_VARIABLE = "CP_RUNG"
START_FD_VARIABLE = "CP_START_FD"
JOB_ID_VARIABLE = "CP_JOB_ID"
OWN_VARIABLES = frozenset(
    {
        *(CONFIG_VARIABLE, JOB_DIR_VARIABLE, SCRATCH_VARIABLE, EVENTS_FD_VARIABLE, RUNG_VARIABLE),
        *(LIFELINE_FD_VARIABLE, LOCK_FD_VARIABLE, START_FD_VARIABLE),
        *(JOB_ID_VARIABLE, SETTINGS_VARIABLE, FORK_SERVER_VARIABLE, STAGE_CPUS_VARIABLE),
    }
)
OF_STAGES = OWN_VARIABLES - {CONFIG_VARIABLE, SETTINGS_VARIABLE}
# What a user's shell may carry that would reach into a stage's own environment. The last one,
# usual in containers, would have every stage compile all that it imports, torch included.
FOREIGN_PYTHON_VARIABLES = (
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONSTARTUP",
    "VIRTUAL_ENV",
    "PYTHONDONTWRITEBYTECODE",
)
_loaded: list[PipelineConfig] = []
_listeners: list[Listener] = []


def load_config(
    job_dir: Path | None = None,
    overrides: Mapping[str, str] | None = None,
    pipeline_env: Path | None = None,
    recorded: bool = True,
) -> PipelineConfig:
    """Load and validate the configuration.

    Args:
        job_dir: The job directory; None takes that of the running stage, if there is one.
        overrides: Values of `--set KEY=VALUE`; nothing stands above them.
        pipeline_env: The global values; None = what CP_CONFIG names, else config/.env.pipeline.
        recorded: Whether what is read from it counts among the parameters of the running stage.

    Returns:
        The validated configuration; it records which of its attributes are read.

    Raises:
        InputError: Unknown key, wrong type or out of range, with file, line and nearest name; a job
            that sets what only the machine may.
    """
    if FORK_SERVER_VARIABLE in os.environ:  # its children would go on with it
        raise SystemExit("A process that is to be forked knows no job: StageIO comes first")
    if job_dir is None and os.environ.get(JOB_DIR_VARIABLE):
        job_dir = Path(os.environ[JOB_DIR_VARIABLE])
    pipeline_env = pipeline_env or place.settings_file()
    raw, remarks = collect(
        job_dir, overrides or {}, pipeline_env, known_keys(), _usable_variables()
    )
    config = _validate(raw)
    config.come_from(_notable_origins(raw, pipeline_env))
    config.remark(remarks)
    if recorded and SCRATCH_VARIABLE in os.environ:
        _loaded.append(config)
        for listener in _listeners:
            config.listen(listener)
    return config


def use_settings(settings: Mapping[str, str]) -> None:
    """Have `--set KEY=VALUE` hold for this command and all of its processes, above everything.

    Args:
        settings: Key to value.

    Raises:
        InputError: An unknown key.
    """
    refuse_unknown(as_given(settings), known_keys())
    if settings:
        os.environ[SETTINGS_VARIABLE] = json.dumps(dict(settings))


def seal_powers(settings: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the seals of what a job may not say by itself, and the keys that could get none.

    Args:
        settings: What `--set` gave; every key is known.
    """
    powers = {key: value for key, value in settings.items() if is_power(key, value)}
    sealed = seal(powers)
    return sealed, sorted(powers.keys() - sealed.keys())


def tell_reads(listener: Listener) -> None:
    """Have the parameters told that the running stage reads, from now on.

    Args:
        listener: Called with the name and value of each, as the first of its reads comes.
    """
    _listeners[:] = [listener]


def parameters_read() -> dict[str, Any]:
    """Return the parameters that the running stage has read so far, by key.

    Of a secret that it asked for, only whether it was set: a new key makes the stage run again.
    """
    read: dict[str, Any] = {}
    for config in _loaded:
        read |= config.parameters_read()
    return read | secrets.secrets_asked()


def known_keys() -> list[str]:
    """Return every configuration key, in the order of the model."""
    return [name.upper() for name in PipelineConfig.model_fields]


def _usable_variables() -> dict[str, str]:
    """Return the environment without what other programs mean by the same short names."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in STANDARD_NAMES or _fits(name)
    }


def _fits(name: str) -> bool:
    """Return whether a variable holds what the parameter of its name takes."""
    try:
        PipelineConfig.model_validate({name.lower(): os.environ[name]})
    except ValidationError:
        return False
    return True


def environment_warnings() -> list[str]:
    """Return one line for each environment variable that has not the effect one may expect."""
    unfit = [
        f"environment variable {name}={os.environ[name]} is another program's, and left out. "
        f"Here it would be {PREFIX}{name}"
        for name in sorted(os.environ.keys() - _usable_variables().keys())
    ]
    known = known_keys()
    fitting = [name for name in os.environ if name not in known or _fits(name)]
    bare = {*STANDARD_NAMES, *SECRET_NAMES}
    return unfit + lookalikes(fitting, [*known, *SECRET_NAMES], OWN_VARIABLES, bare)


def stage_environment(
    job_dir: Path,
    scratch: Path,
    descriptors: Mapping[str, int],
    rung: int = 0,
    job_id: str = "",
    traceparent: str = "",
) -> dict[str, str]:
    """Return the environment variables of a stage's process.

    Args:
        job_dir: The job directory.
        scratch: Where the stage writes.
        descriptors: Variable name to inherited file descriptor (events, lifeline, lock).
        rung: Where on its fallback ladder the stage stands.
        job_id: What every line that it logs carries.
        traceparent: The span that it works in; '' = the caller's, if there is one.

    Returns:
        The caller's variables without what would reach into another Python environment.
    """
    variables = {k: v for k, v in os.environ.items() if k not in FOREIGN_PYTHON_VARIABLES}
    variables |= {JOB_DIR_VARIABLE: str(job_dir), SCRATCH_VARIABLE: str(scratch)}
    variables |= {name: str(number) for name, number in descriptors.items()}
    variables |= {RUNG_VARIABLE: str(rung), JOB_ID_VARIABLE: job_id}
    variables |= {TRACEPARENT: traceparent} if traceparent else {}
    variables |= WEIGHTS_ONLY
    # numpy's threads wait busily for the next product, beside those of the stage's engine.
    variables.setdefault("OPENBLAS_NUM_THREADS", "1")
    variables |= {"PYTHONNOUSERSITE": "1", "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
    return variables


def stage_location(stage: str = "STAGE") -> tuple[Path, Path]:
    """Return the job directory and the scratch directory of the stage that runs here.

    Args:
        stage: The stage, for the hint.

    Raises:
        InputError: When this process was not started by the pipeline.
    """
    job_dir, scratch = os.environ.get(JOB_DIR_VARIABLE), os.environ.get(SCRATCH_VARIABLE)
    if not job_dir or not scratch:
        raise InputError(
            "A stage script runs inside a job, started by the pipeline",
            hint=f"./run-pipeline.sh WORKFLOW JOB_DIR --only {stage}",
        )
    return Path(job_dir), Path(scratch)


def inherited_job_id() -> str:
    """Return the id of the job that this process works for, '' when it was not told."""
    return os.environ.get(JOB_ID_VARIABLE, "")


def inherited_number(variable: str) -> int | None:
    """Return the number that the orchestrator passed under this name, None without one.

    Args:
        variable: One of the CP_… variables above that hold a number.
    """
    value = os.environ.get(variable, "")
    return int(value) if value.isdigit() else None


def hub_is_offline() -> bool:
    """Return whether the user switched the model hub off (HF_HUB_OFFLINE)."""
    return os.environ.get("HF_HUB_OFFLINE", "").strip().lower() in {"1", "true", "yes", "on"}


def trace_address(path: str) -> str:
    """Return where OpenTelemetry's own variables send traces by HTTP, '' = nowhere.

    Args:
        path: What is added to OTEL_EXPORTER_OTLP_ENDPOINT.
    """
    off = os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    if off or os.environ.get("OTEL_TRACES_EXPORTER", "otlp").strip() == "none":
        return ""
    own = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "").strip()
    base = os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "").strip().rstrip("/")
    return own or (base + path if base else "")


def _notable_origins(raw: Mapping[str, RawValue], usual: Path) -> dict[str, str]:
    """Return where the values come from that the global file does not give."""
    return {
        key.lower(): item.origin.place.rpartition("/")[2]
        for key, item in raw.items()
        if item.origin.place != str(usual)
    }


def _validate(raw: Mapping[str, RawValue]) -> PipelineConfig:
    try:
        return PipelineConfig(**{key.lower(): item.value for key, item in raw.items()})
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0]).upper()
        item = raw[key]
        raise InputError(
            f"{item.origin}: {key}={item.value}: {first['msg']}",
            hint=_value_hint(first, item.value),
        ) from error


def _value_hint(detail: Any, value: Any) -> str:
    key = str(detail["loc"][0]).upper()
    if detail["type"] == "literal_error" and isinstance(value, str):
        allowed = str(detail["ctx"]["expected"]).replace(" or ", ", ").replace("'", "").split(", ")
        near = nearest(value, allowed)
        if near:
            return near
    return f"docs/CONFIGURATION.md#{key.lower()} says what {key} takes"
