"""The embedding model, the index contract, HNSW, pgvector, and the check of recall."""
