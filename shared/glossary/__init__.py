"""Glossary: terms found in text, near-misses corrected, terms kept through translation."""
