"""Slack's exports, and the dumps of slackdump."""
