"""Storing what was read, in batches, and what became of it."""
