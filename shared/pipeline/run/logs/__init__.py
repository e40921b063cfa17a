"""What stages print and runs tell, as files: capped, rotated, and never a reason to stop."""
