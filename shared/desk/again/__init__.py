"""Again: one region of a film heard, or its text translated, once more, as a proposal."""
