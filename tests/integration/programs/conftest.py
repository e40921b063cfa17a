#!/usr/bin/env python3
"""Fixtures of the tests that start programs and need venv/common only: a film of a second."""

from tests.support.job_fixtures import (  # noqa: F401
    clean_configuration,
    film,
    finished_job,
    finished_jobs,
    job_dir,
    output_root,
    prepared_jobs,
)
