"""What a record holds, and what of it is not as it was."""
