"""Tools: what developers and operators run by hand, one verb per file."""
