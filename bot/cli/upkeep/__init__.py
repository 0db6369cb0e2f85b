"""Commands that keep Déjà running."""
