"""Stored secrets are encrypted, and moved from key to key."""
