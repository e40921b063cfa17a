"""What the film itself brings: TMDB, its subtitle tracks, what is muxed."""
