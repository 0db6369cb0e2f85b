"""Messages that follow a ticket whatever they mention besides, and those that only begin alike."""

from __future__ import annotations

import pytest

from services.text.small_talk.follow_ups import FollowUpKind
from services.text.small_talk.openings import kind_of_opening


@pytest.mark.parametrize(
    "text",
    [
        "same here in Berlin", "us too, 3rd floor", "+1 from Munich", "same here (warehouse)",
        "same for the whole sales team", "here in the lab as well", "Me too since this morning",
        "hier auch, 3. Stock", "bei uns im Büro genauso", "bei mir auch im Lager", "dito, Empfang",
        "genauso bei der ganzen Abteilung", "aquí en recepción también",
        "me too, I need help", "same here, please have a look", "bei mir auch, bitte mal schauen",
        "a nosotros también en la tienda 4", "lo mismo en toda la planta",
    ],
)  # fmt: skip
def test_the_same_elsewhere(text: str) -> None:
    """Whoever agrees may say where, or who else."""
    assert kind_of_opening(text) is FollowUpKind.SAME


@pytest.mark.parametrize(
    "text",
    [
        "solved, cable was loose", "ok fixed, toner was empty", "never mind, found the key",
        "erledigt, Kabel war lose", "hat sich erledigt: Akku war leer",
        "solucionado, era el cable", "listo, era la contraseña",
        "fixed, someone had unplugged the dock", "solved, the scanner wasn't plugged in",
        "hat sich erledigt, Stecker steckte nicht", "hat sich erledigt, Layer 8",
        "geht wieder, Router neu gestartet", "ya va, reinicié el router de la oficina",
    ],
)  # fmt: skip
def test_solved_and_why(text: str) -> None:
    """The reason is no matter of its own."""
    assert kind_of_opening(text) is FollowUpKind.WORKS


@pytest.mark.parametrize(
    "text",
    [
        "same problem with the new scanner", "me too, but my screen is black",
        "also the printer on 3 is broken", "same here, E-41 on the display",
        "hier auch: Drucker kaputt", "same for the coffee machine", "here the door jams as well",
        "aquí la impresora tampoco imprime", "ich auch nicht in den Keller komme",
        "same here in the basement, and the light above the stairs flickers",
        "fixed the printer on 3", "fixed price is wrong", "works now, printer 2 is dead",
        "done: invoice missing",
        "solved my login but now the VPN is down", "fixed, now it squeaks", "solved, how?",
        "listo para imprimir no sale", "erledigt wird hier nichts", "sorry, printer offline",
        "all good except the scanner", "gelöst, aber der Scanner nicht", "",
        "Solved, please add Anna to the payroll group", "Works now. Can someone reset my password",
        "Gelöst. Bitte neuen Toner für Drucker 3", "Resuelto. Necesito acceso a la nómina",
        "fixed. next question: who grants access to the data lake",
        "Resolved, thanks! Meanwhile the projector in room 7 has no signal",
        "all good now. How do I export my payslip", "found it, who can unlock Maria's account",
        "Fixed it. I'd like a new headset too", "Behoben, die Kasse 2 druckt keinen Bon",
        "solved: we would need a new SIM card for Paul",
        "Geht wieder, wer kann Anna für das Archiv freischalten", "geht wieder, Scanner nicht",
        "Fehlalarm, der Aufzug in Haus B steckt fest", "läuft wieder, Scanner im Lager tot",
        "hat sich erledigt, wie exportiere ich meine Abrechnung",
        "Gelöst, ich bräuchte außerdem einen zweiten Monitor",
        "Solucionado, quién puede desbloquear a María", "listo, cómo descargo mi nómina",
        "Resuelto, el proyector de la sala 7 sin señal", "Ya funciona, quisiera otro monitor",
        "falsa alarma, el ascensor del bloque B está parado",
        "lo encontré, la impresora del almacén sin papel",
        "same for me, password reset mail never arrives", "hier auch, Tastatur ohne Leertaste",
        "ditto, order cancelled without notice", "aquí también, la caja 2 no imprime",
        "a mí también, además me cobraron dos veces", "yo también, mi teclado no tiene espacio",
        "Me too, I need a new laptop", "ich auch, ich brauche einen Laptop",
        "yo también, necesito un portátil", "us too, can someone come to store 4",
    ],
)  # fmt: skip
def test_what_says_more_stands_for_itself(text: str) -> None:
    """A thing, a code, trouble, a contrast, a question or a wish makes it a report."""
    assert kind_of_opening(text) is None
