"""What the menu of a topic changes."""

from __future__ import annotations

from typing import Literal, get_args

# Each has a form of its own.
Step = Literal["rename", "merge", "split", "move"]
STEPS: tuple[Step, ...] = get_args(Step)
