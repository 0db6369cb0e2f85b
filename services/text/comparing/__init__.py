"""What texts have in common, and where they contradict: terms, figures, names, opposites."""
