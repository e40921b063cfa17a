"""Foundations: errors with exit codes, atomic files, project paths."""
