"""Measures that compare a transcript or subtitles with a reference; for tools/evaluate.py."""
