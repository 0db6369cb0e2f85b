"""Words that are no evidence: they may be rare in a team's tickets and still name no matter.

Pronouns, prepositions, conjunctions, auxiliaries, and verbs of saying and asking, in English,
German and Spanish. A word that names something in one of the three is left out of the others.
"""

from __future__ import annotations

from services.judgement.near_exact import normalise
from services.text.folding import fold

_ENGLISH = """
    he him his himself she her hers herself they them their theirs themselves myself yourself
    ourselves itself who whom whose which what when where why how if then than as at by from in into
    on onto off out over under up down about after before during since until while through between
    against with without within and or but nor not no yes because although though however therefore
    can could may might must shall should will would do does did done doing be been being am is are
    was were has have had having get gets got getting let lets make makes made some any all each
    every both either neither other others another such same own only just even ever never always
    often sometimes here there now again still yet already too also very much many more most less
    few several lot lots one ones something anything nothing everything someone anyone everyone
    nobody anybody somebody everybody say says said saying tell tells told telling ask asks asked
    asking mention mentions mentioned explain explains explained think thinks thought know knows
    knew seem seems seemed want wants wanted need needs needed like please thanks thank hello hi
"""
_GERMAN = """
    er ihn ihm sein seine seinen seinem seiner seines sie ihr ihre ihren ihrem ihrer ihres es man
    sich mich mir dich dir uns euch euer eure wer wen wem was wann wo warum wieso weshalb wie wenn
    dann als dass ob weil obwohl damit aber oder und sondern doch nicht kein keine keinen keinem
    keiner nein ja auf aus bei beim bis durch fur gegen hinter im in ins mit nach neben ohne seit
    uber um unter vom von vor wahrend wegen zu zum zur zwischen an am kann konnen konnte darf durfen
    muss mussen musste soll sollen sollte will wollen wollte wird werden wurde wurden hat hatte
    hatten haben habe bin bist war waren gewesen sind ist der das dem den des ein eine einen einem
    einer eines dieser diese dieses diesen diesem jeder jede jedes jeden alle alles einige etwas
    nichts jemand niemand die hier dort da jetzt nun immer nie oft manchmal wieder noch schon auch
    nur sehr viel viele mehr weniger sagen sagt sagte gesagt fragen fragt fragte gefragt meinen
    meint meinte erzahlt melden meldet meldete gemeldet mitteilen mochte bitte danke hallo
"""
_SPANISH = """
    el ella ello ellos ellas lo los le les se su sus suyo suya mi mis tu tus nos nuestro nuestra
    nuestros nuestras yo me te nosotros ustedes usted que quien quienes cual cuales cuando donde
    porque por para como si entonces aunque pero sino ni no de del al en con sin sobre entre hasta
    desde hacia durante segun tras ante bajo contra puede pueden podia podria debe deben tiene
    tienen tenia hay habia ha han he hemos haber ser es son era eran fue fueron esta estan estaba
    estar este estos estas ese esa esos esas esto eso aquel aquella un una unos unas la las otro
    otra otros otras mismo misma todo toda todos todas algo nada alguien nadie cada aqui alli ahora
    siempre nunca otra vez ya tambien muy mucho mucha muchos muchas mas menos dice dicen dijo
    dijeron decir dicho pregunta pregunto preguntar pide pidio comenta comento cuenta conto avisa
    aviso quiere quieren necesita necesitan hola gracias favor
"""
_EMPTY = frozenset(fold(f"{_ENGLISH} {_GERMAN} {_SPANISH}").split())


def is_evidence(term: str) -> bool:
    """Say whether a term of a text names something, so that sharing it means something."""
    return term not in _EMPTY and bool(normalise(term).words)
