"""Which sound of a film is its dialogue: tracks, their purposes, their channels."""
