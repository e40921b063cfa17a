#!/usr/bin/env python3
"""
Languages: into which languages this machine translates, by what, and what each other would take.

Judged by the router that runs use. Needs venv/common.

Usage:
    from shared.doctor.languages import check_languages

    findings = check_languages(load_config(), EnvironmentManager(), ["en", "ta"])
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from shared.config import HUB_TOKEN, load_secret
from shared.core.errors import PipelineError
from shared.core.languages import (
    AUTO,
    FREQUENT_NAMES,
    language_name,
    parse_language,
)
from shared.core.settings import PipelineConfig
from shared.doctor.finding import Finding
from shared.environment_manager import EnvironmentManager
from shared.models.store import MissingModelError
from shared.translation.router import Router

LLM = "llm"


def check_languages(
    config: PipelineConfig, environments: EnvironmentManager, named: Sequence[str] = ()
) -> list[Finding]:
    """Return a finding for each language to translate into.

    Args:
        config: The engines' settings.
        environments: The environment manager.
        named: Languages as people write them; without any those that are asked for most.

    Returns:
        'good' with the engines that can do it here, else 'off' with what the first engine that
        knows the language lacks, and the command for that.

    Raises:
        InputError: There is no such language.
    """
    router = Router(config, environments)
    tags = dict.fromkeys(parse_language(name, "--language") for name in named or FREQUENT_NAMES)
    return [_check(router, tag) for tag in tags]


def _grouped(findings: Sequence[Finding]) -> list[Finding]:
    """Return languages that stand alike as one finding, the ones that work first."""

    def alike(one: Finding) -> tuple[bool, str, str, str]:
        return (one.level != "good", one.engine, one.detail, one.command)

    groups = [list(group) for _, group in groupby(sorted(findings, key=alike), key=alike)]
    return [
        Finding(
            ", ".join(one.name for one in group),
            group[0].level,
            group[0].detail,
            group[0].command,
            group[0].engine,
        )
        for group in groups
    ]


def described(findings: Sequence[Finding]) -> list[str]:
    """Return what is known of languages in lines for a person, those that stand alike together.

    Args:
        findings: What check_languages returned.
    """
    lines = []
    for finding in _grouped(findings):
        if finding.level == "good":
            lines.append(f"  ✓ {finding.name}: {finding.engine}")
        else:
            lines += [f"  – {finding.name}: {finding.detail}", f"      {finding.command}"]
    return lines


def _check(router: Router, tag: str) -> Finding:
    name = f"{language_name(tag)} ({tag})"
    wants = router.wants(AUTO, tag)
    here = [engine for engine, lacks in wants.items() if not lacks]
    if here:
        return Finding(name, "good", "", engine=", ".join(here))
    others = {engine: lacks for engine, lacks in wants.items() if engine != LLM} or wants
    engine, lacks = next(iter(others.items()))
    detail = "; ".join(_reason(lack) for lack in lacks)
    if engine != LLM:
        detail += "; or a language model (LLM_MODEL)"
    return Finding(name, "off", detail, " && ".join(_commands(lacks)), engine=engine)


def _reason(lack: PipelineError) -> str:
    gated = isinstance(lack, MissingModelError) and lack.model.gated
    token = f", and its hub wants {HUB_TOKEN}" if gated and load_secret(HUB_TOKEN) is None else ""
    return lack.cause[:1].lower() + lack.cause[1:] + token


def _commands(lacks: Sequence[PipelineError]) -> list[str]:
    return [lack.hint for lack in lacks if lack.hint]
