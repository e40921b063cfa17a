"""Alphabets, symbols and the languages that Whisper knows."""
