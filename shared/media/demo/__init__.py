"""The demo film: its script, its pictures and music, the graph that renders it."""
