"""From timed words and translated lines to the cheapest series of cues."""
