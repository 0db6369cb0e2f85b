"""`deja` with the real model, whose vectors are shared: `python -m tests.deja_remembering …`.

For tests that run the whole program on texts that other tests read too.
"""

from __future__ import annotations

import bot.index_wiring
from bot.cli import main
from tests.loaded_model import loaded_embedder

if __name__ == "__main__":
    vars(bot.index_wiring)["embedder_of"] = loaded_embedder
    main(prog_name="deja")
