"""What is similar to an item, to a text, or to texts less other texts."""

from __future__ import annotations

from services.phrases import phrase

# Of a difference of unit vectors: below it the two are one.
MIN_QUERY_NORM = 0.05


SAME_SIDES = phrase("There is nothing to look for: both sides say the same thing.")


NO_WORDS = phrase("There are no words in that to search for.")
