"""Results as Block Kit: pure functions, no Slack SDK."""
