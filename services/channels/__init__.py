"""A channel's settings, its audience, its quiet hours."""
