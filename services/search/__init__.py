"""The embedding model, the index contract, HNSW, pgvector, the recall check."""
