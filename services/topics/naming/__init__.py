"""From clusters to titles: tokens, key phrases, themes, questions for an FAQ."""
