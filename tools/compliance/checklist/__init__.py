"""Appendix B's manual list, checked on syntax trees and scored apart from the six checks."""
