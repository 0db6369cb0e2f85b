"""Slack's Web API: client, people, messages, errors, OAuth, tokens, pacing."""
