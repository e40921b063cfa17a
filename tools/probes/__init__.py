"""Probes: one small program for each environment that proves its engine by running it."""
