"""Attempts of a batch that run on other machines."""
