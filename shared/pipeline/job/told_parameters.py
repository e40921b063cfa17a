#!/usr/bin/env python3
"""
Told parameters: the "Configuration:" block with which a stage's log begins (standards 5.2).

The block holds what the stage's code can read (shared/core/configuration/stage_parameters.py).
Whatever is read beyond it is told when it is read, so that the log names every parameter that
shaped the result.

Usage:
    from shared.pipeline.job.told_parameters import ToldParameters

    told = ToldParameters(logger, config, parameters_in(script))
    told.begin()
    config.listen(told.hear)
"""

from __future__ import annotations

import logging
from typing import Any

from shared import config as configuration
from shared.core.configuration.layers import HOW_TO_DECLARE
from shared.core.configuration.stage_parameters import Parameters
from shared.core.redact import HIDDEN, mask_addresses
from shared.core.settings import PipelineConfig


class ToldParameters:
    """Tells each parameter of a stage once.

    Args:
        logger: The stage's.
        config: The configuration of the stage; reading it here does not count as the stage's.
        found: What the stage's code can read.
    """

    def __init__(
        self,
        logger: logging.LoggerAdapter[logging.Logger],
        config: PipelineConfig,
        found: Parameters,
    ) -> None:
        self._logger = logger
        self._config = config
        self._found = found
        self._told: set[str] = set()

    def begin(self) -> None:
        """Tell what is known before the stage reads anything; nothing where nothing is."""
        if self._found.keys or self._found.secrets:
            self._logger.info("Configuration:")
        for name in sorted(self._found.keys):
            self.hear(name, getattr(self._config, name))
        for name in sorted(self._found.secrets):
            secret = getattr(configuration, name, name)
            is_set = configuration.secrets_present().get(secret, False)
            self._logger.info(f"  {secret}: {'set ' + HIDDEN if is_set else 'not set'}")

    def hear(self, name: str, value: Any) -> None:
        """Tell a parameter that is read, unless it has been told.

        Args:
            name: A field of the configuration, or a name that nobody declared.
            value: As it was read; credentials in an address are hidden.
        """
        if name in self._told:
            return
        self._told.add(name)
        key = name.upper()
        if name in PipelineConfig.model_fields:
            place = self._config.origin(name)
            shown = mask_addresses(shown_value(value))
            self._logger.info(f"  {key}: {shown}" + (f" ({place})" if place else ""))
        else:
            self._logger.warning(f"{key} is not declared, its default is used. {HOW_TO_DECLARE}")


def shown_value(value: Any) -> str:
    """Return a value as a configuration file holds it.

    Args:
        value: A field's value.
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        value = ",".join(str(item) for item in value)
    return str(value) or "(empty)"
