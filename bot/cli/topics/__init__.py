"""Commands on topics and trends."""
