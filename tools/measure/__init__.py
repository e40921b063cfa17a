"""Measurements: quality and speed by a command that anyone can run."""
