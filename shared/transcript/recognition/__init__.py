"""From recognised words to segments: sentences, quality, inventions, alignment."""
