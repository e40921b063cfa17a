"""Progress shown to people: terminal, plain lines, JSON."""
