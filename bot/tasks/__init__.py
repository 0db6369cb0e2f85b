"""A job to a service to Slack: one module a feature, one registry."""
