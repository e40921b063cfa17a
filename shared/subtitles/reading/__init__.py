"""Subtitle files read as players read them: one module a format."""
