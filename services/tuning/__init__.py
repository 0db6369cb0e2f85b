"""A model that learns from what a team decided."""
