"""What every other part of subtitles rests on: cues, phrases, clocks, counting, profiles."""
