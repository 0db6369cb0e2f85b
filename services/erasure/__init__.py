"""Erases a person, a ticket, a channel or what is too old, for good, and proves it."""
