"""Subtitle files: reading other people's, writing ours."""
