"""Commands that bring in the past, and take it out again."""
