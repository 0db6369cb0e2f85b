"""How similar a match must be to be shown; on its own, so that commands start without NumPy."""

from __future__ import annotations

# A cosine of all-MiniLM-L6-v2. No threshold suits every team; this one is so high that silence is
# the usual answer. How often it is right: benchmarks/README.md.
SIMILAR_SIMILARITY = 0.72

# An answer helps more than an open ticket, so one that may apply is shown from a lower similarity
# on, if no other match has an answer. Of best matches between this and `SIMILAR_SIMILARITY` 0.60 to
# 1.00 were of the same issue on six public sets (0.26 on covidq, 0.02 on seamonkey, where hardly
# any ticket has an earlier duplicate): `benchmarks.best_matches`, 2026-11-28.
ANSWERED_SIMILARITY = 0.65
