"""What a backlog is about: runs, identity, titles, trends, alerts, map."""
