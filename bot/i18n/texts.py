"""Texts in a person's or a channel's language."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, cast

from bot.i18n.catalogues import translations
from bot.i18n.retired import RETIRED
from models import Channel
from services.channels.settings import LANGUAGES, Language
from services.phrases import Phrase, counted, format_age, format_value, phrase, render

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Texts:
    """The texts of one language. Called `say` where it is used: `say("Seen before")`."""

    language: Language

    def __call__(self, text: str | Phrase, **values: Any) -> str:
        """Return a text in this language, its `{names}` replaced by values in this language.

        A text that has no translation stays English.
        """
        phrase = text if isinstance(text, Phrase) else Phrase(text, values)
        return render(phrase, self.language, self._translate)

    def counted(self, number: int, one: str, several: str, **values: Any) -> str:
        """Return a text that depends on a number, which is `{n}` in it."""
        return self(counted(number, one, several, **values))

    def value(self, value: object) -> str:
        """Return a number, a percentage, a date or a time span; see `format_value`."""
        return format_value(value, self.language)

    def ago(self, age: timedelta) -> str:
        """Return how long ago something was, in one unit: "3 months ago"; below one, "just now"."""
        return self(phrase("just now")) if age < _MINUTE else format_age(age, self.language)

    def _translate(self, phrase: Phrase) -> str:
        if phrase.text in RETIRED:
            phrase = replace(phrase, text=RETIRED[phrase.text])
        found = translations(self.language)
        if phrase.plural is None:
            if phrase.context is None:
                return found.gettext(phrase.text)
            return found.pgettext(phrase.context, phrase.text)
        number = phrase.values["n"]
        if phrase.context is None:
            return found.ngettext(phrase.text, phrase.plural, number)
        return found.npgettext(phrase.context, phrase.text, phrase.plural, number)


ENGLISH = Texts("en")


def texts_in(channel: Channel) -> Texts:
    """Return the texts in a channel's language, which all of its readers see."""
    return Texts(cast(Language, channel.language))


def texts_for(locale: str | None, otherwise: Language = "en") -> Texts:
    """Return the texts for one of Slack's locales ("de-DE"), or in another language.

    `otherwise` is the language for a locale without a catalogue.
    """
    from babel import negotiate_locale  # the command line speaks English

    found = negotiate_locale([locale or ""], LANGUAGES, sep="-")
    return Texts(cast(Language, found) if found else otherwise)
