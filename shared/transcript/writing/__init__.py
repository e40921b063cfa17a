"""Letters and spellings of Hindi: sounds, Devanagari, Roman, loan words."""
