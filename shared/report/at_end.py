#!/usr/bin/env python3
"""
At end: the page of a job when its run has ended, well or not, which costs the run nothing else.

Usage:
    from shared.report.at_end import page_at_end

    page = page_at_end(job_dir)     # None where it could not be written, which is told
"""

from __future__ import annotations

import sys
from pathlib import Path

from shared.config import load_config
from shared.core.errors import InputError, InterruptedRun, shown
from shared.report.clips import ClipLimits
from shared.report.page import write_page


def page_at_end(job_dir: Path, is_cutting: bool = True) -> Path | None:
    """Write the page of a job whose run has ended; return where it lies.

    Args:
        job_dir: The job directory.
        is_cutting: Whether pictures and sounds are cut, which takes seconds.

    Returns:
        None where it could not be written: a person is told why, and the job is what it is.
    """
    try:
        config = load_config(job_dir)
        return write_page(job_dir, ClipLimits(config.report_clips, is_cutting=is_cutting))
    except InputError:
        return None  # what is wrong with the job or its settings, the run has told
    except InterruptedRun as error:
        told = error.cause
    except Exception as error:  # whatever is wrong with a page, the job that it tells of is done
        told = str(error) or type(error).__name__
    sys.stderr.write(f"warning: the page of this job was not written: {shown(told)}\n")
    return None
