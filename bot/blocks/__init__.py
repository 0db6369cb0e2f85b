"""Pure functions from results to Block Kit, within Slack's limits."""
