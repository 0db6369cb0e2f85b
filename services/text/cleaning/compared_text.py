"""From what an item says to what is embedded and compared of it.

Whoever changes what most texts become here raises `CLEANING_VERSION`
(`services.text.cleaning.chunks`).
"""

from __future__ import annotations

import re
from functools import lru_cache

from services.text.cleaning.machine_text import without_machine_text
from services.text.cleaning.mail_parts import without_mail_parts
from services.text.small_talk.matter import may_state_matter
from services.text.small_talk.talk import KEPT_TEXTS
from services.text.words.patterns import EMOJI_CODES, LINK, LINK_SCHEMES, SOMEBODY, SOURCE_LINK
from services.text.words.plain import plain_text, single_spaced


def embedding_text(title: str | None, text: str, kind: str = "ticket") -> str:
    """Return what the model reads of an item, or `""` where there is nothing to compare.

    That is a text of nothing but punctuation, emoji or links, and of a ticket also one that says
    nothing of a matter ("any update on this?"). The name of a product always says something.
    """
    whole = _joined(title or None, text)
    return _readable(whole) if kind != "ticket" or may_state_matter(whole) else ""


def readable_text(title: str | None, text: str) -> str:
    """Return a text without emoji codes, quoted mail, signatures and blobs, `""` without words.

    Of a link only the host stays, which often names a product; the rest makes different tickets
    look similar. Of one to a line of a source file the path stays.
    """
    return _readable(_joined(title or None, text))


# A ticket's text is embedded, indexed and then compared.
@lru_cache(KEPT_TEXTS)
def _joined(title: str | None, text: str) -> str:
    own = without_machine_text(without_mail_parts(plain_text(text))).replace(SOMEBODY, "")
    whole = f"{plain_text(title)}\n{own}" if title else own
    return EMOJI_CODES.sub(" ", whole) if ":" in whole else whole


def _readable(whole: str) -> str:
    folded = whole.casefold() if ":" in whole else ""
    has_links = any(scheme in folded for scheme in LINK_SCHEMES)
    if not any(map(str.isalnum, LINK.sub(" ", whole) if has_links else whole)):
        return ""
    with_hosts = LINK.sub(_host, whole) if has_links else whole
    # `plain_text` left single spaces only; without a double one nothing was cut or replaced since.
    spaced = single_spaced(with_hosts) if "  " in with_hosts else with_hosts
    return "\n".join(filter(None, map(str.strip, spaced.split("\n"))))


def _host(link: re.Match[str]) -> str:
    source = SOURCE_LINK.fullmatch(link.group())
    if source is not None:
        return "".join(source.groups())
    return f" {(link.group(1) or '').strip('.,;!')} "
