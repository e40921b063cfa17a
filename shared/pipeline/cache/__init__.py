"""Work that all jobs share, found again by what it was made from."""
