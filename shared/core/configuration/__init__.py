"""Configuration: files of settings, their layers, and what a stage reads of them."""
