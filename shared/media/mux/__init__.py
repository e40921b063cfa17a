"""The finished film: what goes in, what its container holds, making and checking it."""
