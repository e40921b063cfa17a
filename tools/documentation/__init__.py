"""What tools/generate_docs.py writes."""
