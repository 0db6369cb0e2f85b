"""The contract of a vector index, and its implementations: HNSW, pgvector, Qdrant."""
