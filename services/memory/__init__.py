"""What is stored about items: rows, vectors, terms, document frequencies, density; workspaces."""
