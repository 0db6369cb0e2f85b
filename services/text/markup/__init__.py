"""HTML, wikis, forums and Markdown as plain text."""
