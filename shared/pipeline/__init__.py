"""The orchestrator: plan, run, checkpoint, events."""
