"""`deja` with the hashing embedder: `python -m tests.deja_hashing …`.

For tests that run the whole program but judge no meaning: PyTorch and the model take most of the
time that it works.
"""

from __future__ import annotations

import bot.index_wiring
from bot.cli import main
from tests.hashing import HashingEmbedder

if __name__ == "__main__":
    vars(bot.index_wiring)["embedder_of"] = lambda *_: HashingEmbedder()
    main(prog_name="deja")
