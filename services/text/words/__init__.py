"""Words and what they are written with: folding, plain texts, patterns, and lists of words."""
