"""Dates in the forms that tools write, and what a column of them shows."""
