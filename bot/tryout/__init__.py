"""A local Slack and a sample company."""
