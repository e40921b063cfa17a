"""Translation that is heard, not read: what speaks against it."""
