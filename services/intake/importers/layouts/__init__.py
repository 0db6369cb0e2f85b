"""What the files of each tool look like: one module a kind of tool."""
