"""Many films: found and judged, run side by side under the machine's limits, told of and steered."""
