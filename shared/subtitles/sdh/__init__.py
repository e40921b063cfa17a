"""For deaf viewers: names of speakers and labels of sounds."""
