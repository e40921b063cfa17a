#!/usr/bin/env python3
"""
Paths: where the project's own folders lie.

Usage:
    from shared.core.paths import PROJECT_ROOT, SCRIPTS_DIR
"""

from __future__ import annotations

from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[2]
SCRIPTS_DIR = PROJECT_ROOT / "scripts"
CONFIG_DIR = PROJECT_ROOT / "config"
PIPELINE_ENV_FILE = CONFIG_DIR / ".env.pipeline"
OUTPUT_ROOT = PROJECT_ROOT / "out"
INPUT_DIR = PROJECT_ROOT / "in"
MODELS_DIR = PROJECT_ROOT / "models"
GLOSSARY_DIR = PROJECT_ROOT / "glossary"
SPEECH_FIXTURES_DIR = PROJECT_ROOT / "tests" / "fixtures" / "speech"
