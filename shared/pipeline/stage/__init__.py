"""The process of a stage: what is started, all that it started, its memory, its profile."""
