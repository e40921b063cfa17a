"""The linter and its repairs."""
