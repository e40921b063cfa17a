"""Metrics: what runs did, counted for Prometheus (standards 10.1)."""
