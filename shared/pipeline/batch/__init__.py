"""Many films: found and judged, run side by side within the machine, told of and steered."""
