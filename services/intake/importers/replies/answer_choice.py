"""Which reply answered a ticket, if any did."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from services.intake.importers.replies.closings import only_closes
from services.intake.importers.replies.pointers import NOUN, without_pointer
from services.intake.importers.replies.reply_lists import TicketReply
from services.intake.importers.vocabulary.states import State, says_nothing, state_of
from services.text.cleaning.mail_parts import without_mail_parts
from services.text.small_talk.instructions import tells_what_to_do
from services.text.small_talk.talk import has_matter
from services.text.words.folding import fold
from services.text.words.plain import plain_text

# A reply with fewer words than this is rarely an answer; "Restart it" is the shortest.
MIN_WORDS = 2

# A ticket, as texts name it once they are folded: "#12", "parent ticket", "sd-12", "inc0012345".
_KEY = r"#\d|[a-z]\w*-\d|[a-z]{2,4}\d{5}|https?:"
_TICKET = rf"(?:\d|(?:\w+ ){{0,3}}?(?:(?:{NOUN}|problems?|defects?)\b|{_KEY}))"
# What follows where a ticket was reopened, and not a port or a mailbox.
_WHICH_OR_WHY = (
    r"(?: (?:it|this|that))?(?:\s*(?:$|[^\w\s])"
    rf"| (?:again|as|because|since|due|per|after|following|by|to|until)\b| {_TICKET})"
)

# What asks for news, says that somebody is on it, or asks for more is no answer. Each pattern is
# only looked for in a text that has one of its words: to look for words is fast.
_NO_ANSWERS = tuple(
    (word, re.compile(pattern))
    for words, pattern in (
        (("update", "news", "progress"), r"\bany (?:updates?|news|progress)\b"),
        (("bump", "+1", "ping", "me too", "same here"), r"^(?:bump|\+1|ping|me too|same here)\b"),
        (
            ("looking", "investigating", "checking"),
            r"\b(?:we are|i am|we're|i'm|we will be|i'll be|will be)"
            r" (?:looking|investigating|checking)\b",
        ),
        (("look",), r"\blook(?:ing)? into (?:it|this)\b"),
        (("get back", "keep you"), r"\b(?:get back to you|keep you (?:posted|updated))\b"),
        (
            ("thank",),
            r"\bthanks? (?:you )?for (?:contacting|reaching|your (?:message|patience|report))\b",
        ),
        (
            ("could you", "can you", "would you"),
            r"\b(?:could|can|would) you (?:please )?"
            r"(?:dm|send|provide|share|tell|confirm|check if|let)\b",
        ),
        (
            ("please", "dm us"),
            r"\bplease (?:dm|provide|send (?:us|me)|share|let us know|confirm|tell us)\b|\bdm us\b",
        ),
        (
            ("assigned", "escalated", "forwarded", "moved", "transferred"),
            r"\b(?:assigned|escalated|forwarded|moved|transferred) (?:it |this )?to\b",
        ),
        (
            ("glad", "happy"),
            r"\b(?:glad|happy) (?:to (?:hear|help|have)|i could|it (?:works|helped))",
        ),
        (("welcome", "closing"), r"\bwelcome\b|\bclosing (?:this|the|it|your)\b"),
        (("have a",), r"\bhave a (?:nice|great|good|lovely)\b"),
        (("freut", "gern"), r"\bfreut mich\b|\bgern geschehen\b"),
        (("gusto", "alegr", "cerramos"), r"\bcon gusto\b|\bme alegr[ao]\b|\bcerramos\b"),
        (("still",), r"\bdoes (?:this|it|that) still (?:happen|occur)\b"),
        (("which version", "reproduce"), r"\bwhich version\b|\bcannot reproduce\b"),
        (("gibt es",), r"\bgibt es (?:schon |bereits )?(?:etwas |was )?neu"),
        (("wir ", "melden"), r"\bwir (?:kummern|schauen|prufen)\b|\bmelden uns\b"),
        (
            ("konnen sie",),
            r"\bkonnen sie (?:uns |mir )?(?:bitte )?(?:mitteilen|schicken|senden)\b",
        ),
        (
            ("alguna", "estamos"),
            r"\balguna (?:novedad|noticia)|\bestamos (?:revisando|investigando)\b",
        ),
        (
            ("the same", "gleiche", "selbe", "mism"),
            r"\b(?:have|having|habe|haben|tengo|tenemos) (?:\w+ )?(?:the same|das (?:gleiche|selbe)"
            r"|dasselbe|el mismo) (?:problem\w*|issue|error|fehler)\b[^.;:,]*$",
        ),
        (("c'est regl",), r"\bc'est regle\b"),
        (("reopened",), rf"^(?:i )?reopened{_WHICH_OR_WHY}"),
        (("linked",), rf"^linked (?:to|with) {_TICKET}"),
        # What trackers write themselves.
        (("duplicate",), r"\bmarked as a duplicate of (?:this )?bug\b"),
        (("pued",), r"\bpued(?:e|es) (?:enviarnos|enviarme|confirmar|indicar)"),
    )
    for word in words
)
# How words begin that say what was done or is to be done.
_DOES = (
    "fix", "solved", "resolved", "turns", "root", "caused", "because", "workaround", "solution",
    "instead", "set", "chang", "updat", "upgrad", "install", "reinstall", "restart", "reboot",
    "reset", "clear", "remov", "delet", "replac", "add", "enabl", "disabl", "turn", "roll",
    "revert", "use", "using", "open", "click", "go", "run", "try", "configur", "switch", "grant",
    "unlock", "renew", "deploy", "releas", "refund", "re-enter", "log", "follow", "rais", "rotat",
    "behoben", "gelost", "losung", "ursache", "weil", "neu", "gestartet", "zuruckgesetzt",
    "aktualisier", "geandert", "entfernt", "ersetzt", "freigeschaltet", "einstell", "stell",
    "nutze", "verwende", "offne", "solucion", "causa", "porque", "reinici", "instal", "restablec",
    "actualiz", "cambi", "elimin", "reemplaz", "desbloque", "abre", "abra", "usa",
)  # fmt: skip
# By their first two letters: each word of a reply is looked up.
_DOES_BY_START = {
    start: tuple(one for one in _DOES if one.startswith(start))
    for start in {one[:2] for one in _DOES}
}
_CONFIRMS = re.compile(
    r"\b(?:that|this|it) (?:helped|worked|works|fixed|did (?:it|the trick)|solved)\b"
    r"|\b(?:thanks?|thank you)[^.?]{0,40}(?:help|work|fix|solv|great|perfect)"
    r"|\b(?:works|working|fixed|solved|resolved) (?:now|again|for me|perfectly)\b|\ball good now\b"
    r"|\bhat (?:geholfen|geklappt|funktioniert)\b|\b(?:geht|funktioniert|klappt) (?:jetzt|wieder)\b"
    r"|\b(?:ya|ahora) (?:funciona|esta|quedo)\b|\b(?:me|nos) funciono\b|\bgracias[^.?]{0,40}funcion"
)


def is_answer_text(text: str) -> bool:
    """Say whether a text may answer something: it is no word for a state, thanks or question."""
    return _strength(text) > 0


def choose_answer(
    replies: Sequence[TicketReply], state: State | None, question: str = ""
) -> str | None:
    """Return the text that answered a ticket; None if no public reply did.

    In a ticket that is open nothing did, unless its source says so. Where the state is not known, a
    reply counts that was accepted, confirmed by the next one, or given by somebody else.
    """
    replies = [one for one in replies if one.is_public]
    if not replies:
        return None
    accepted = next((_written(one.text) for one in replies if one.is_accepted and one.text), None)
    if accepted is not None or state in ("open", "pending"):
        return accepted
    own = plain_text(question)
    candidates = [
        (index, one)
        for index, one in enumerate(replies)
        if one.is_agent is not False and plain_text(one.text) != own and is_answer_text(one.text)
    ]
    if state is None:
        candidates = [
            (index, one)
            for index, one in candidates
            if one.is_agent or _is_confirmed(replies[index + 1 :])
        ]
    if not candidates:
        return None
    best = max(_score(one) for _, one in candidates)
    # What the agent of a help desk wrote last ended it, even where an earlier reply says more. In a
    # tracker, where everybody comments, only as good a comment counts.
    enough = [one for _, one in candidates if _score(one) >= best - (one.is_agent is True)]
    return _written(enough[-1].text)


def _is_confirmed(following: Sequence[TicketReply]) -> bool:
    return any(_CONFIRMS.search(fold(one.text)) for one in following[:2])


def _score(reply: TicketReply) -> int:
    """Return how much a reply looks like an answer, from 0 to 3."""
    strength = _strength(reply.text)
    return strength + (reply.is_agent is True) if strength else 0


# As many as are compared for one ticket.
MAX_COMPARED = 512


@lru_cache(MAX_COMPARED)
def _written(text: str) -> str:
    """Return what somebody wrote into a reply, without quoted mail and signature."""
    return without_mail_parts(text)


@lru_cache(MAX_COMPARED)
def _strength(text: str) -> int:
    """Return how much a text looks like an answer: 0 not at all, 1 perhaps, 2 it says how."""
    own = without_pointer(_written(text)).strip()
    if not any(map(str.isalpha, own)) or says_nothing(own) or state_of(own) or only_closes(own):
        return 0
    plain = fold(own)
    words = plain.split()
    if len(words) < MIN_WORDS or not (has_matter(own) or tells_what_to_do(own)):
        return 0
    strength = 1 + any(
        word.startswith(_DOES_BY_START[word[:2]]) for word in words if word[:2] in _DOES_BY_START
    )
    if _is_no_answer(plain):
        # A long reply may thank for the report first, and answer then.
        strength = strength - 1 if len(words) > MAX_SHORT else 0
    return max(strength - plain.endswith("?"), 0)


def _is_no_answer(plain: str) -> bool:
    for word, pattern in _NO_ANSWERS:  # noqa: SIM110 - `any` takes longer than a look
        if word in plain and pattern.search(plain):
            return True
    return False


# Words. Whoever asks for news or thanks for a report only says no more than this.
MAX_SHORT = 25
