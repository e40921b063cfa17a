"""Shared modules of the pipeline: what every stage and every tool may import."""
