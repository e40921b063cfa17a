"""The process of a stage: its start, its files, its events, all that it started, its memory."""
