"""Languages: the catalogues of translated texts, and who is spoken to in which language."""
