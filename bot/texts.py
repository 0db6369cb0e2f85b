"""The language that somebody is spoken to in. The texts themselves are in `bot.translations`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from bot.translations import GERMAN, SPANISH, TRANSLATIONS
from models import Channel
from services.channels.settings import LANGUAGES, Language
from services.phrases import Phrase, counted

_COLUMNS: dict[Language, int] = {"de": GERMAN, "es": SPANISH}

# What stands between thousands, and before tenths.
_THOUSANDS = {"en": ",", "de": ".", "es": "."}
_TENTHS = {"en": ".", "de": ",", "es": ","}
_PERCENT = {"en": "%", "de": "\N{NO-BREAK SPACE}%", "es": "\N{NO-BREAK SPACE}%"}


@dataclass(frozen=True)
class Texts:
    """The texts of one language. To be called `say` where it is used: `say("Seen before")`."""

    language: Language

    def __call__(self, text: str | Phrase, **values: Any) -> str:
        """Return a text in this language, with values in the place of its `{names}`.

        What has no translation stays English.
        """
        if isinstance(text, Phrase):
            return self(text.text, **text.values)
        column = _COLUMNS.get(self.language)
        found = text if column is None else TRANSLATIONS.get(text, (text, text))[column]
        if not values:
            return found
        return found.format(
            **{name: self(one) if isinstance(one, Phrase) else one for name, one in values.items()}
        )

    def counted(self, number: int, one: str, several: str, **values: Any) -> str:
        """Return the text for one or for several (or none); `{n}` is the number as written."""
        found = counted(number, one, several, **values)
        return self(found.text, **{**found.values, "n": self.number(number)})

    def number(self, number: int) -> str:
        """Return a whole number as it is written."""
        return f"{number:,}".replace(",", _THOUSANDS[self.language])

    def tenths(self, number: float) -> str:
        """Return a small number with one decimal as it is written."""
        return f"{number:.1f}".replace(".", _TENTHS[self.language])

    def percent(self, share: float) -> str:
        """Return a share of one in percent as it is written."""
        return f"{share:.0%}".replace("%", _PERCENT[self.language])


ENGLISH = Texts("en")


def texts_in(channel: Channel) -> Texts:
    """Return the texts in a channel's language: what all of its readers see."""
    return Texts(cast(Language, channel.language))


def texts_for(locale: str | None, otherwise: Language = "en") -> Texts:
    """Return the texts of one of Slack's locales ("de-DE"), of another where it is not spoken."""
    code = (locale or "").partition("-")[0].casefold()
    return Texts(next((language for language in LANGUAGES if language == code), otherwise))
