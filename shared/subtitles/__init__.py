"""From timed words to cues and subtitle files."""
