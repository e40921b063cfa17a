"""Alignment: words and numbers as they are spoken, CTC, wav2vec2, the choice of a method."""
