"""Slack input to a job, then acknowledge."""
