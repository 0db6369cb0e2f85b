"""What people decided: verdicts and their rules, groups, resolutions, outcomes, audit."""
