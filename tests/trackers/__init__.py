"""Stand-ins of trackers and help desks, written after their documentation."""
