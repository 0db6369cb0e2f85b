"""What the team tells itself: never the answer, nor the text, of a ticket."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.intake.importers.audience.reply_audience import is_public, is_public_name
from services.intake.importers.entries import Row, RowDefaults, Skipped
from services.intake.importers.replies.answer_choice import choose_answer
from services.intake.importers.replies.reply_lists import TicketReply
from services.intake.importers.rows.private_rows import MARKED_PRIVATE
from tests.conftest import NOW
from tests.services.intake.importers.written_files import only_row, plan_of, read_file

OWN = RowDefaults(None, "ticket", NOW)
ASKED, ADVICE = "The heating of room 12 stays cold.", "Open the valve below the window."
SECRET = "Replace the pump, and bill the landlord for it twice."
TOLD = {"body": ADVICE, "author": "Ira", "created_at": "2026-03-01T08:00:00Z"}
NOTE = {"body": SECRET, "author": "Ira", "created_at": "2026-03-02T08:00:00Z"}


def _read(**columns: Any) -> Any:
    ticket = {"id": 31, "title": "Heating", "text": ASKED, "status": "closed", "reporter": "Uma"}
    return only_row(read_file("t.json", json.dumps({"tickets": [ticket | columns]}), OWN)).item


@pytest.mark.parametrize(
    "name",
    [
        "internal_notes", "privateNotes", "staff_notes", "work_notes", "time_entries", "audits",
        "satisfaction_ratings", "tasks", "checklist", "interne_notizen", "notas_internas",
        "Aufgaben", "Zeiterfassung",
    ],
)  # fmt: skip
def test_lists_of_the_team_are_no_replies(name: str) -> None:
    """Neither beside comments nor alone."""
    assert _read(comments=[TOLD], **{name: [NOTE]}).resolution == ADVICE
    assert _read(**{name: [NOTE]}).resolution is None


@pytest.mark.parametrize(
    "fields",
    [
        {"visibility": "internal"},
        {"visibility": {"type": "role", "value": "Developers"}},
        {"Visibility": "InternalUsers"},
        {"visibility": "agents"},
        {"visibility": 0},
        {"visibility": 1},
        {"visibility": {"$type": "LimitedVisibility", "permittedGroups": [{"name": "Crew"}]}},
        {"visibilité": "interne"},
        {"público": "não"},
        {"zichtbaarheid": "medewerkers"},
        {"widoczność": "zespół"},
        {"interno": "sim"},
        {"visible_to": "agents"},
        {"message_type": "note"},
        {"kind": "staff-note"},
        {"tipo": "nota interna"},
        {"typ": "interne Notiz"},
        {"typ": "Arbeitsnotiz"},
        {"type": "worklogs"},
        {"tipo": "notas equipo"},
        {"confidentiality": "confidential"},
        {"hide_from_customer": True},
        {"intern": "x"},
        {"view_state": "private"},
        {"view_state": {"id": 50, "name": "private"}},
        {"ISPUBLISHED": "false"},
        {"recipients": "agents"},
        {"audience": "agents"},
        {"comment_visibility": "Developers"},
        {"note.visibility": "agents"},
        {"reply access": "staff"},
        {"Zugriff": "Team"},
        {"type": "internal_note"},
        {"commentType": "Private"},
        {"note_type": "interna"},
        {"kind": "note"},
        {"access": "private"},
        {"element": "work_notes"},
        {"is_private_note": True},
        {"hidden": "1"},
        {"staff_only": "yes"},
        {"intern": "ja"},
        {"is_public": "FALSE"},
    ],
)
def test_a_note_of_the_team_is_known_by_its_fields(fields: dict[str, Any]) -> None:
    """Whatever a tool calls it, it neither answers nor opens a ticket."""
    assert _read(posts=[TOLD, NOTE | fields]).resolution == ADVICE
    assert _read(posts=[NOTE | fields]).resolution is None
    told = {**TOLD, "author": "Uma", "created_at": "2026-03-03T08:00:00Z"}
    assert _read(text="", reporter="", posts=[NOTE | fields, told]).text == ADVICE


@pytest.mark.parametrize(
    "fields",
    [
        {"visibility": "AllUsers"}, {"visibility": "public"}, {"type": "comment"},
        {"internal": False}, {"internal_id": 1}, {"author_type": "internal"}, {"hidden": "nein"},
        {"channel": "email"}, {"visibility": True}, {"access": "everyone"},
        {"comment_visibility": "all"}, {"zugriff": "alle"}, {"visibilite": "publique"},
        {"visibilita": "pubblica"}, {"visibilidade": "visível"}, {"visibilite": "tous"},
        {"zichtbaarheid": "openbaar"}, {"widocznosc": "publiczny"}, {"zichtbaarheid": "iedereen"},
    ],
)  # fmt: skip
def test_other_fields_say_nothing_against_a_reply(fields: dict[str, Any]) -> None:
    """Ids, the kind of an author, and flags that say no."""
    assert is_public({name.replace("_", " "): value for name, value in fields.items()})


@pytest.mark.parametrize(
    "kind",
    [
        "vertrauliche Notiz", "vertraulicher Kommentar", "geheime Notiz", "versteckter Kommentar",
        "unsichtbarer Kommentar", "note confidentielle", "note secrète", "notas confidenciales",
        "comentarios ocultos", "notas secretas", "note riservate", "vertrouwelijke notitie",
        "notatka poufna", "commento riservato", "mensagem interna", "interne opmerking",
    ],
)  # fmt: skip
def test_adjectives_agree_with_what_they_call_private(kind: str) -> None:
    """In most languages they end otherwise before each noun."""
    assert _read(posts=[TOLD, NOTE | {"type": kind}]).resolution == ADVICE
    assert _read(**{kind: [NOTE]}).resolution is None


def test_work_notes_of_servicenow_are_objects_too() -> None:
    """Its columns of comments and of work notes have the same objects."""
    row = {"number": "INC9", "short_description": "Heating", "description": ASKED, "state": "7"}
    data = {"result": [row | {"comments": [TOLD], "work_notes": [NOTE]}]}
    assert only_row(read_file("t.json", json.dumps(data), OWN)).item.resolution == ADVICE


def test_a_private_row_is_not_the_text_of_its_ticket() -> None:
    """The first public one is, under the title of all; a ticket of none is left out."""
    rows = [
        f'41,Heating,"{SECRET}",Ira,yes,open,2026-03-01',
        f"41,,{ASKED},Uma,no,,2026-03-02",
        f"41,,{ADVICE},Ira,no,closed,2026-03-03",
        "42,Door,The door jams.,Ira,yes,open,2026-03-01",
    ]
    header = "id,title,body,author,is_private,status,created_at"
    found = read_file("t.csv", "\n".join([header, *rows, ""]), OWN)
    first = only_row(found[:1])
    assert (first.item.title, first.item.text, first.item.author) == ("Heating", ASKED, "Uma")
    assert (first.joined, found[1:]) == (2, [Skipped(5, MARKED_PRIVATE)])
    assert SECRET not in (first.item.resolution or "")


@pytest.mark.parametrize("name", ["last staff reply", "timeline", "comments", "task_comments"])
def test_columns_of_replies_are_public(name: str) -> None:
    """What the team sends is for the customer."""
    assert is_public_name(name)


@pytest.mark.parametrize(
    ("column", "yes", "no"),
    [
        ("is_private", "true", "false"),
        ("visibility", "internal", "public"),
        ("is_public", "no", "yes"),
        ("comment_type", "internal note", "answer"),
    ],
)
@pytest.mark.parametrize("link", ["conversation_id", "id"])
def test_private_rows_are_no_answers(link: str, column: str, yes: str, no: str) -> None:
    """Neither in rows of one id, nor in rows that name the one that they reply to."""
    numbers = ("41", "42", "43") if link == "conversation_id" else ("41",) * 3
    parents = ",conversation_id" if link == "conversation_id" else ""
    texts = ((ASKED, "Uma", no), (ADVICE, "Ira", no), (SECRET, "Ira", yes))
    rows = [
        f'{number},"{text}",{who},2026-03-0{day},{said}{",41" if parents else ""}'
        for day, (number, (text, who, said)) in enumerate(zip(numbers, texts, strict=True), 1)
    ]
    header = f"id,body,author,created_at,{column}{parents}"
    row = only_row(read_file("t.csv", "\n".join([header, *rows, ""]), OWN))
    assert (row.item.text, row.item.resolution, row.joined) == (ASKED, ADVICE, 2)


def test_a_private_row_says_nothing_for_the_first_one() -> None:
    """What the first row leaves open, a public one may say."""
    rows = f'id,title,body,is_private\n41,Heating,,no\n41,,"{SECRET}",yes\n41,,{ASKED},no\n'
    assert only_row(read_file("t.csv", rows, OWN)).item.text == ASKED


def test_an_accepted_note_is_no_answer() -> None:
    """Whatever its source calls it, it was not said to who asked."""
    note, reply = (
        TicketReply(SECRET, is_public=False, is_accepted=True),
        TicketReply(ADVICE, is_agent=True),
    )
    assert choose_answer([note], "resolved", ASKED) is None
    assert choose_answer([note, reply], "resolved", ASKED) == ADVICE


@pytest.mark.parametrize(
    "fields",
    [
        {"visibility": {"$type": "UnlimitedVisibility"}},
        {"view_state": {"id": 10, "name": "public"}},
        {"ISPUBLISHED": "true"},
        {"recipients": "all"},
        {"recipients": "Support Team"},
    ],
)
def test_what_all_may_see_is_an_answer(fields: dict[str, Any]) -> None:
    """As the same tools say of other replies; who got a mail does not say who may read it."""
    assert _read(comments=[TOLD | fields]).resolution == ADVICE


def test_comments_beside_correspondence_are_of_the_team() -> None:
    """So Request Tracker calls them, and it has no other field for it."""
    parts = [
        {"Type": "Correspond", "Creator": "Ira", "Content": ADVICE},
        {"Type": "Comment", "Creator": "Ira", "Content": SECRET},
    ]
    assert _read(Transactions=parts).resolution == ADVICE
    assert _read(Transactions=[parts[0] | {"Type": "Comment"}]).resolution == ADVICE


def test_a_private_part_in_an_object_of_its_own_is_left_out() -> None:
    """No database, backup or export has what the team says to itself."""
    parts = [
        {"transaction": {"Type": "Correspond", "Creator": "Ira", "Content": ADVICE}},
        {"transaction": {"Type": "Comment", "Creator": "Ira", "Content": SECRET}},
    ]
    item = _read(Transactions=parts)
    assert (item.resolution, [one["text"] for one in item.extra["replies"]]) == (ADVICE, [ADVICE])


@pytest.mark.parametrize(
    ("column", "no"),
    [("Visibility", "Internal"), ("Intern", "ja"), ("Privat", "x"), ("Visible to customer", "No")],
)
def test_a_ticket_with_one_private_comment_has_no_answer(column: str, no: str) -> None:
    """Where rows of others show that each has a comment of its own."""
    rows = [
        f"ticket id,subject,description,status,comment,{column}",
        f"1,Gate,The gate jams.,closed,{ADVICE},",
        f"1,Gate,The gate jams.,closed,{SECRET.replace(',', '')},{no}",
        f"2,Door,The door jams.,closed,{SECRET.replace(',', '')},{no}",
    ]
    found = read_file("t.csv", "\n".join(rows) + "\n", OWN)
    assert [one.item.resolution for one in found if isinstance(one, Row)] == [ADVICE, None]


def test_the_only_comment_of_request_tracker_is_of_the_team() -> None:
    """Its first transaction creates the ticket; what the customer gets is correspondence."""
    parts = [{"Type": "Create", "Content": ASKED}, {"Type": "Comment", "Content": SECRET}]
    parts = [{**one, "Creator": "ira", "Created": "2026-03-01"} for one in parts]
    data = json.dumps(
        [{"id": 1, "Subject": "Heating", "Status": "resolved", "Transactions": parts}]
    )
    assert only_row(read_file("t.json", data, OWN)).item.resolution is None


@pytest.mark.parametrize(
    "name", ["Internal notes", "work_notes", "Interne Notiz", "notas internas", "Staff note"]
)
def test_a_column_of_the_team_is_no_text(name: str) -> None:
    """Although no other column has long texts; a question of a form may be about such things."""

    def text(name: str) -> str:
        table = f"id,subject,{name}\n31,Heating,{json.dumps(SECRET)}\n"
        return only_row(read_file("t.csv", table, OWN)).item.text

    assert text(name) == ""
    assert text("What is the problem with your private room?") == SECRET


def test_posts_of_mattermosts_api_do_not_say_what_is_private() -> None:
    """Which is told, as of Zulip; its export says it."""
    post = {"id": "a", "user_id": "u", "channel_id": "c", "message": ASKED, "create_at": 1}
    posts = {"order": ["a"], "posts": {"a": {**post, "root_id": "", "delete_at": 0, "type": ""}}}
    plan = plan_of("posts.json", json.dumps(posts))
    assert plan.layout.key == "mattermost"
    assert [one for one in plan.warnings if "private" in one]
    export = json.dumps([{"user": "u", "message": ASKED, "create_at": 1, "channel_type": "O"}])
    assert not plan_of("posts.json", export).warnings
