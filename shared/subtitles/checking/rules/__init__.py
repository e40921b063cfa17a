"""The linter's rules by subject; one function a rule."""
