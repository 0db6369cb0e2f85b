"""What states no matter: talk, and messages that follow up on a ticket."""
