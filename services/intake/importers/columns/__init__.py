"""Which column gives which field."""
