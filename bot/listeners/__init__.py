"""One small module a kind of Slack input: parse, enqueue, return."""
