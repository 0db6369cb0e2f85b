"""What a grouping is asked for: how many topics at most, and how strictly tickets must fit."""

from __future__ import annotations

# Nobody reads more topics than that.
MAX_TOPICS = 2_000

# A ticket fits nowhere if it is less than this share as near to its topic as the topic's tickets
# usually are. At 0.6 that is one in twenty real tickets, and three in four of those that belong to
# no topic (benchmarks/README.md, `topics`).
STRICTNESS = 0.6
