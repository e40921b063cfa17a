"""Media files: probing, the one door to ffmpeg, titles, the demo film."""
