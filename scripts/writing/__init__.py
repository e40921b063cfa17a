"""Letters, not code: scripts of Hindi, spellings, frequencies of words."""
