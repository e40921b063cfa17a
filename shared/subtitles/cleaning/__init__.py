"""What is taken out of other people's subtitle files, when they ask for it."""
