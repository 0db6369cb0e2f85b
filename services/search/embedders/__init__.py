"""Models that read texts and pictures: their files, their speed, and what they make of a text."""
