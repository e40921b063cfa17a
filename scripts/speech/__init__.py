"""Where speech is and who speaks: detection, diarization, voice embeddings."""
