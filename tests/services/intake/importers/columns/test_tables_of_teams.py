"""Columns as small teams name them in tables of their own."""

from __future__ import annotations

import pytest

from services.intake.importers.entries import Row
from tests.services.intake.importers.written_files import csv_rows, only_row, plan_of

TEXT, ADVICE = "The gate of hall 2 jams since noon.", "Oil the hinge, then it closes again."


def _row(header: str, cells: str) -> Row:
    return only_row(csv_rows(f"{header}\n{cells}\n"))


@pytest.mark.parametrize(
    "name",
    [
        "resposta_base",
        "Suggested response",
        "canned_reply",
        "Ação realizada",
        "Resumo da ação",
        "Antwortvorschlag",
        "Respuesta sugerida",
    ],
)
def test_prepared_answers_and_what_was_done_are_answers(name: str) -> None:
    """A column of its own has them, whatever the team calls it."""
    assert _row(f"id;title;text;{name}", f"7;Gate;{TEXT};{ADVICE}").item.resolution == ADVICE


def test_the_answer_that_was_given_goes_before_a_prepared_one() -> None:
    """Both may be there."""
    row = _row("id;title;text;suggested response;answer", f"7;Gate;{TEXT};Wait.;{ADVICE}")
    assert row.item.resolution == ADVICE


@pytest.mark.parametrize("opened", ["Data abertura", "Data abert.", "Aberto", "Data do chamado"])
@pytest.mark.parametrize("closed", ["Data da solução", "Data fecha", "Data de conclusão"])
def test_times_in_portuguese(opened: str, closed: str) -> None:
    """In full or cut, with the day first."""
    item = _row(f"id;título;{opened};{closed}", "7;Gate;05/06/2026;06/06/2026").item
    assert (item.created_at.month, item.created_at.day) == (6, 5)
    assert item.resolved_at is not None
    assert item.resolved_at.day == 6


@pytest.mark.parametrize(
    "name",
    ["Descrição Problema", "Descrição do chamado", "problema_descricao", "Detalle del reclamo"],
)
def test_short_texts_of_more_names(name: str) -> None:
    """Two words do, where the column is named."""
    plan = plan_of("t.csv", f"Nome,Tipo,{name}\nana,Software,gate jams\nbea,Hardware,lift stuck\n")
    assert plan.mapping["text"] == (name,)


def test_an_index_from_zero_is_no_id() -> None:
    """Programs write one before the first column; the next file has the same numbers."""
    lines = [f"{n},Gate {n} of the hall jams,2026-01-0{n + 1}" for n in range(4)]
    plan = plan_of("t.csv", "\n".join([",subject,date", *lines]))
    assert "id" not in plan.mapping


def test_a_column_of_states_without_a_name_is_the_status() -> None:
    """Of a table without names of columns."""
    cells = ["Em Aberto", "Resolvido", "Em Aberto"]
    lines = [
        f"98{n}3{n};Hall {n};Gate {n} of the hall jams again;0{n}/05/2026 10:00;{state}"
        for n, state in enumerate(cells, 1)
    ]
    rows = [one for one in csv_rows("\n".join(lines)) if isinstance(one, Row)]
    assert [row.item.status for row in rows] == ["open", "resolved", "open"]


@pytest.mark.parametrize(
    ("opened", "closed"),
    [("Fecha detección", "Fecha corrección real"), ("Fecha incidencia", "Fecha solución")],
)
def test_times_of_faults_in_spanish(opened: str, closed: str) -> None:
    """When it was found and when it was mended, with the day first."""
    item = _row(f"id;título;{opened};{closed}", "7;Gate;05/06/2026;06/06/2026").item
    assert (item.created_at.month, item.created_at.day) == (6, 5)
    assert item.resolved_at is not None
    assert item.resolved_at.day == 6


def test_who_asked_for_it_in_portuguese_and_spanish() -> None:
    """Under a longer name."""
    for name in ("usuario_solicitante", "nome_requerente"):
        assert _row(f"id,title,text,{name}", f"7,Gate,{TEXT},Ana Ruiz").item.author == "Ana Ruiz"
