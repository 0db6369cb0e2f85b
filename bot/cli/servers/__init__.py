"""Commands that start Déjà and connect it to Slack."""
