"""Sound that is not speech: separation of voices, songs, sound events."""
