"""Words only: cleaning, terms, boilerplate, identifiers, small talk, Slack markup; no database."""
