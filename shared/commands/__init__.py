"""Verbs of ./run-pipeline.sh, one a file: what they take, what they print, their exit code."""
