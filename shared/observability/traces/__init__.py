"""Traces: runs, stages and what they wait for as spans of OpenTelemetry (standards 10.3)."""
