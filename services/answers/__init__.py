"""What is said: thread answers, digests, the review queue, overview, status."""
