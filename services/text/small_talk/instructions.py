"""Instructions: "restart it", "log out and in again", in words that say nothing by themselves.

Talk is made of the same words: "call me", "I will check". English, German and Spanish.
"""

from __future__ import annotations

import re

from services.text.words.folding import fold

# What people are told to do. Who shall do something for the writer says so: "call me".
_TOLD = re.compile(
    r"(?:(?:please|pls|just|simply|then|you (?:have|need) to|you (?:can|should|must)|bitte|einfach"
    r"|einmal|mal|dann|sie mussen|du musst|por favor|hay que|tienes? que|debes?) )*"
    r"(?:(?:restart|reboot|reset|turn|switch|unplug|log|sign|clear|delete|remove|add|use|press|hold"
    r"|ask|call|reinstall|reconnect|replace) (?!(?:me|us|you|up|back|again|later)\b)\w+"
    r"|wait (?:for )?(?:\d+|one|two|three|a few|until) (?!moment|second|sec|minute)\w+"
    r"|(?:\w+ ){0,4}(?:neu (?:starten|anmelden|laden|installieren)"
    r"|(?:aus|ein|ab|an)(?:- und (?:\w+ )?\w+)?(?:schalten|stecken|loggen|melden)"
    r"|zurucksetzen|neustarten|und warten|loschen|aktualisieren|verwenden|nutzen)$"
    r"|(?:reinici|desconect|conect|apag|borr|elimin|actualiz|us|presion|instal)"
    r"(?:a|e|en|an|ar) \w+)"
)


def tells_what_to_do(text: str) -> bool:
    """Say whether a text begins with an instruction, or is one that ends with its verb."""
    plain = fold(text).rstrip(" .!").replace(",", "")
    return "?" not in plain and _TOLD.match(plain) is not None
