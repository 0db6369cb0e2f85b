"""Turns input from Slack into jobs, then acknowledges it."""
