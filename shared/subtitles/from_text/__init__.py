"""Text that is there already: a subtitle file as a transcript, and its cues in another language."""
