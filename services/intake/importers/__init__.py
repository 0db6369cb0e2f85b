"""Readers of files: Slack exports and tables of tickets."""
