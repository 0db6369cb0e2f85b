"""Commands with which people decide, and that learn from it and measure it."""
