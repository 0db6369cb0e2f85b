"""Clusters to titles: tokens, key phrases, themes, wordings for an FAQ."""
