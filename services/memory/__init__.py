"""What is stored of items: rows, vectors, terms, document frequencies, density; workspaces."""
