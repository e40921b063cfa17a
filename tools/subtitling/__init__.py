"""The verbs of tools/subtitles.py."""
