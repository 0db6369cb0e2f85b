"""What Déjà says: thread answers, digests, the review queue, overview, status."""
