"""How Slack messages, bursts and files become tickets."""
