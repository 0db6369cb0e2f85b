"""Who may read a ticket or a reply, by what a file says of it."""
