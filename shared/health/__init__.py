"""Health: whether this machine can work, for monitors (standards 10.2)."""
