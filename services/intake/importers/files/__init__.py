"""Opening what is imported: archives, folders, encodings, lines, JSON value by value."""
