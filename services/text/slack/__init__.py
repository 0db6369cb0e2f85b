"""What a Slack message says, in all its parts."""
