"""Commands on the embedding model."""
