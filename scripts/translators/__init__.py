"""Translation engines, the worker process that serves one, their choice."""
