"""Rows as tickets: their values, ids, states and threads."""
