#!/usr/bin/env python3
"""Fixtures of the unit tests."""

from tests.support.job_fixtures import (  # noqa: F401
    clean_configuration,
    film,
    finished_job,
    finished_jobs,
    job_dir,
    output_root,
    prepared_jobs,
)
