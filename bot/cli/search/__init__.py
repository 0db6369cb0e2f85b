"""Commands that search for tickets, and explain why two of them match."""
