"""Déjà where people meet it: Slack and the command line."""

__version__ = "0.1.0"
