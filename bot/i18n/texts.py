"""What somebody is told, in their language."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, cast

from babel import negotiate_locale

from bot.i18n.catalogues import translations
from bot.i18n.retired import RETIRED
from models import Channel
from services.channels.settings import LANGUAGES, Language
from services.phrases import Phrase, counted, format_age, format_value, render


@dataclass(frozen=True)
class Texts:
    """The texts of one language. Called `say` where it is used: `say("Seen before")`."""

    language: Language

    def __call__(self, text: str | Phrase, **values: Any) -> str:
        """Return a text in this language, its `{names}` replaced by values in this language.

        A text that has no translation stays English.
        """
        said = text if isinstance(text, Phrase) else Phrase(text, values)
        return render(said, self.language, self._translate)

    def counted(self, number: int, one: str, several: str, **values: Any) -> str:
        """Return a text that depends on a number, which is `{n}` in it."""
        return self(counted(number, one, several, **values))

    def value(self, value: object) -> str:
        """Return a number, a share, a date or a span by itself; see `format_value`."""
        return format_value(value, self.language)

    def ago(self, age: timedelta) -> str:
        """Return how long ago something was."""
        return format_age(age, self.language)

    def _translate(self, said: Phrase) -> str:
        if said.text in RETIRED:
            said = replace(said, text=RETIRED[said.text])
        found = translations(self.language)
        if said.plural is None:
            if said.context is None:
                return found.gettext(said.text)
            return found.pgettext(said.context, said.text)
        number = said.values["n"]
        if said.context is None:
            return found.ngettext(said.text, said.plural, number)
        return found.npgettext(said.context, said.text, said.plural, number)


ENGLISH = Texts("en")


def texts_in(channel: Channel) -> Texts:
    """Return the texts in a channel's language, which all of its readers see."""
    return Texts(cast(Language, channel.language))


def texts_for(locale: str | None, otherwise: Language = "en") -> Texts:
    """Return the texts for one of Slack's locales ("de-DE"), or in another language.

    `otherwise` is the language for a locale that is not spoken here.
    """
    found = negotiate_locale([locale or ""], LANGUAGES, sep="-")
    return Texts(cast(Language, found) if found else otherwise)
