"""Backups of the database, restoring one, and moving to another database."""
