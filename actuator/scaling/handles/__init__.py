"""Handles: where a ceiling is written, one file for each kind that can own a count."""
