"""Message catalogues, one for each language but English, in gettext's format.

They are read from the `.po` files when a language is first used (about 10 ms). A checkout and a
wheel work in the same way, and there is no compiled file that could be out of date.
"""

from __future__ import annotations

import gettext
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel.messages import Catalog

DOMAIN = "deja"
LOCALE_DIR = Path(__file__).parent / "locale"


def catalogue_path(language: str, locale_dir: Path = LOCALE_DIR) -> Path:
    """Return where the catalogue of a language is, in gettext's usual layout."""
    return locale_dir / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read_catalogue(language: str, locale_dir: Path = LOCALE_DIR) -> Catalog:
    """Return the catalogue of a language. Raises `PoFileError` for a malformed file."""
    from babel.messages.pofile import read_po

    with catalogue_path(language, locale_dir).open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN, abort_invalid=True)


@cache
def translations(language: str) -> gettext.NullTranslations:
    """Return the translations into a language; those into English translate nothing."""
    if language == "en":
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo

    compiled = BytesIO()
    write_mo(compiled, read_catalogue(language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
