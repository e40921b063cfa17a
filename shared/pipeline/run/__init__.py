"""Running: one attempt of one stage, the run of a job, limits, signals."""
