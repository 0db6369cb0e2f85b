"""The replies to a ticket, and which of them answered it."""
