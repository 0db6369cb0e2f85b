"""What people settled: verdicts and their rules, groups, resolutions, outcomes, the audit."""
