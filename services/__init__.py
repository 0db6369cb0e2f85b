"""What Déjà does: remember, compare, judge. Knows nothing of Slack's client or the command line."""
