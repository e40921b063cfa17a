"""The orchestrator: jobs, cache, plan, preparation, run."""
