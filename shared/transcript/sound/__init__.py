"""Speech, pauses, coverage, speakers, songs and sounds along the film."""
