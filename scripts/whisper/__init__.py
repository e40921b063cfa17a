"""Recognition: decoding, batches, languages, second hearings, on both runtimes."""
