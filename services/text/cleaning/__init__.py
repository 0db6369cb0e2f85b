"""From what an item says to what is embedded, compared and shown of it."""
