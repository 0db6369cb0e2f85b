"""Which reply answered a ticket, if any did."""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.intake.importers.replies import Reply
from services.intake.importers.states import State, says_nothing, state_of
from services.text.cleaning import plain_text
from services.text.mail_parts import without_mail_parts
from services.text.small_talk import is_small_talk
from services.text.terms import fold

# A reply with fewer words than this is rarely an answer; "Restart it" is the shortest.
MIN_WORDS = 2

# They ask for news, say that somebody is on it, or ask for more: no answers.
_NO_ANSWER = re.compile(
    r"\bany (?:updates?|news|progress)\b|^(?:bump|\+1|ping|me too|same here)\b"
    r"|\b(?:we are|i am|we're|i'm|we will be|i'll be|will be) (?:looking|investigating|checking)\b"
    r"|\b(?:look(?:ing)? into (?:it|this)|get back to you|keep you (?:posted|updated)"
    r"|thanks? (?:you )?for (?:contacting|reaching|your (?:message|patience|report)))\b"
    r"|\b(?:could|can|would) you (?:please )?(?:dm|send|provide|share|tell|confirm|check if|let)\b"
    r"|\bplease (?:dm|provide|send (?:us|me)|share|let us know|confirm|tell us)\b|\bdm us\b"
    r"|\b(?:assigned|escalated|forwarded|moved|transferred) (?:it |this )?to\b"
    r"|\b(?:glad|happy) (?:to (?:hear|help|have)|i could|it (?:works|helped))|\bwelcome\b"
    r"|\bclosing (?:this|the|it|your)\b|\bhave a (?:nice|great|good|lovely)\b|\bfreut mich\b"
    r"|\bgern geschehen\b|\bcon gusto\b|\bme alegr[ao]\b|\bcerramos\b"
    r"|\bdoes (?:this|it|that) still (?:happen|occur)\b|\bwhich version\b|\bcannot reproduce\b"
    r"|\bgibt es (?:schon |bereits )?(?:etwas |was )?neu|\bwir (?:kummern|schauen|prufen)\b"
    r"|\bmelden uns\b|\bkonnen sie (?:uns |mir )?(?:bitte )?(?:mitteilen|schicken|senden)\b"
    r"|\balguna (?:novedad|noticia)|\bestamos (?:revisando|investigando)\b"
    r"|\bpued(?:e|es) (?:enviarnos|enviarme|confirmar|indicar)"
)
# They say what was done or is to be done.
_DOES = re.compile(
    r"\b(?:fix(?:ed)?|resolved by|solved by|turns? out|root cause|caused by|because|workaround"
    r"|solution|instead|set(?:ting)?|chang(?:e|ed|ing)|updat(?:e|ed|ing)|upgrad(?:e|ed|ing)"
    r"|install(?:ed)?|reinstall(?:ed)?|restart(?:ed)?|reboot(?:ed)?|reset|clear(?:ed)?"
    r"|remov(?:e|ed|ing)|delet(?:e|ed|ing)|replac(?:e|ed|ing)|add(?:ed)?|enabl(?:e|ed)"
    r"|disabl(?:e|ed)|turn(?:ed)? (?:on|off)|turning|roll(?:ed)? back|revert(?:ed)?|use|open|click"
    r"|go to|run|try|configur(?:e|ed)|switch(?:ed)?|grant(?:ed)?|unlock(?:ed)?|renew(?:ed)?"
    r"|deploy(?:ed)?|released?|refund(?:ed)?|re-?enter|log (?:out|in)|follow"
    r"|behoben|gelost|losung|ursache|weil|neu starten|neustart|gestartet|installier|zuruckgesetzt"
    r"|aktualisier|geandert|entfernt|ersetzt|freigeschaltet|einstell|stell|nutze|verwende|offne"
    r"|solucion|causa|porque|reinici|instal|restablec|actualiz|cambi|elimin|reemplaz|desbloque"
    r"|configur|abr[ea]|usa)\w*\b"
)
_CONFIRMS = re.compile(
    r"\b(?:that|this|it) (?:helped|worked|works|fixed|did (?:it|the trick)|solved)\b"
    r"|\b(?:thanks?|thank you)[^.?]{0,40}(?:help|work|fix|solv|great|perfect)"
    r"|\b(?:works|working|fixed|solved|resolved) (?:now|again|for me|perfectly)\b|\ball good now\b"
    r"|\bhat (?:geholfen|geklappt|funktioniert)\b|\b(?:geht|funktioniert|klappt) (?:jetzt|wieder)\b"
    r"|\b(?:ya|ahora) (?:funciona|esta|quedo)\b|\b(?:me|nos) funciono\b|\bgracias[^.?]{0,40}funcion"
)


def is_answer_text(text: str) -> bool:
    """Say whether a text may answer something: it is no word for a state, thanks or question."""
    own = without_mail_parts(text).strip()
    if says_nothing(own) or state_of(own) or is_small_talk(own):
        return False
    return not _NO_ANSWER.search(fold(own)) or _score(Reply(own)) > 1


def choose_answer(replies: Sequence[Reply], state: State | None, question: str = "") -> str | None:
    """Return the text that answered a ticket; None if no reply did.

    In a ticket that is open nothing did, unless its source says so. Where the state is not known, a
    reply counts that was accepted, confirmed by the next one, or given by somebody else.
    """
    accepted = next(
        (without_mail_parts(one.text) for one in replies if one.is_accepted and one.text), None
    )
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
    public = [pair for pair in candidates if pair[1].is_public] or candidates
    if not public:
        return None
    best = max(_score(one) for _, one in public)
    # What the agent of a help desk wrote last ended it, even where an earlier reply says more. In a
    # tracker, where everybody comments, only as good a comment counts.
    enough = [one for _, one in public if _score(one) >= best - (one.is_agent is True)]
    return without_mail_parts(enough[-1].text)


def _is_confirmed(following: Sequence[Reply]) -> bool:
    return any(_CONFIRMS.search(fold(one.text)) for one in following[:2])


def _score(reply: Reply) -> int:
    """Return how much a reply looks like an answer, from 0 to 4."""
    text = fold(without_mail_parts(reply.text))
    words = len(text.split())
    if words < MIN_WORDS:
        return 0
    score = 1 + bool(_DOES.search(text)) + (reply.is_agent is True)
    if _NO_ANSWER.search(text):
        score -= 1 if words > MAX_SHORT else 2
    return max(score - text.rstrip().endswith("?"), 0)


# A long reply may thank for the report first, and answer then.
MAX_SHORT = 25
