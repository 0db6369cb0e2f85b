"""A local Slack with a sample company, for `deja try`."""
