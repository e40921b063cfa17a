"""Lines: where a cue breaks, what that costs, rules of each language."""
