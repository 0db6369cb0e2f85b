"""`deja topics`: listing, showing, renaming, merging, splitting, moving and hiding topics."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bot.cli.backlog import SUBJECTS, Run, lines
from tests.chat_server import KEY, chat_server


def test_changes_to_topics_last(run: Run) -> None:
    """Later runs keep renamed, merged, split and hidden topics and moved tickets."""
    first, second, third = (one["topic"] for one in lines(run("cluster", "--json"))[:-1])
    assert run("topics", "rename", str(first), "Paper trouble").exit_code == 0
    assert run("topics", "merge", str(first), str(second)).exit_code == 0
    assert run("topics", "hide", str(third)).exit_code == 0
    shown = lines(run("cluster", "--json"))[:-1]
    assert [(one["topic"], one["title"], len(one["items"])) for one in shown] == [
        (first, "Paper trouble", 12)
    ]
    assert run("topics", "hide", str(third), "--undo").exit_code == 0
    assert len(lines(run("topics", "list", "--json"))) == 3
    item = shown[0]["items"][0]
    assert run("topics", "move", item, str(third)).exit_code == 0
    moved = {one["topic"]: one["items"] for one in lines(run("cluster", "--json"))[:-1]}
    assert item in moved[third]
    assert run("topics", "split", str(first)).exit_code == 0
    assert len(lines(run("topics", "list", "--json"))) == 4
    shown_tickets = lines(run("topics", "show", str(third), "--json"))
    assert item in {one["item"] for one in shown_tickets}
    assert "Paper trouble" in run("audit").output


def test_hidden_topics_are_counted_and_marked(run: Run) -> None:
    """The list counts hidden topics, `--hidden` shows them, and the audit has one record."""
    first, second, third = (one["topic"] for one in lines(run("cluster", "--json"))[:-1])
    assert "hidden" not in run("topics", "list").output
    run("topics", "hide", str(first))
    table = run("cluster").stdout
    assert "1 topic of 6 tickets is hidden: `deja topics list --hidden`." in table
    run("topics", "hide", str(second))
    assert "2 topics of 12 tickets are hidden" in run("topics", "list").stdout
    *shown, _ = lines(run("topics", "list", "--hidden", "--json"))
    assert {one["topic"]: one["hidden"] for one in shown} == {
        first: True,
        second: True,
        third: False,
    }
    assert all("hidden" not in one for one in lines(run("topics", "list", "--json")))
    output = run("topics", "list", "--hidden").stdout
    assert output.count("hidden") == 2
    for _ in range(2):
        run("topics", "hide", str(first), "--undo")
    assert run("audit").output.count("→ shown") == 1


def test_a_name_is_stored_unchanged_or_refused(run: Run) -> None:
    """A name is never empty or cut; it may have emoji and brackets, but no terminal codes."""
    first, second, _ = (str(one["topic"]) for one in lines(run("cluster", "--json"))[:-1])
    for name, expected in [("", "needs a name"), (" \t", "needs a name"), ("x" * 81, "at most 80")]:
        result = run("topics", "rename", first, name)
        assert result.exit_code == 1
        assert expected in result.output
    for name in ("x" * 80, "🖨️ Printers & <paper> [/bold]", "\x1b[31mRed"):
        assert run("topics", "rename", first, name).exit_code == 0
        shown = run("topics", "show", first)
        assert shown.exit_code == 0
        expected = "".join(name.removeprefix("\x1b").split())
        assert expected in "".join(shown.output.split())  # a long title is wrapped
        assert "\x1b" not in shown.output
    assert "Another topic" in run("topics", "rename", second, "[31mRED").output
    assert run("topics", "rename", first, "[31mRed").exit_code == 0


def test_a_repeated_change_is_recorded_once(run: Run) -> None:
    """Hiding, moving, renaming or merging twice is one change in the audit."""
    first, second, third = (str(one["topic"]) for one in lines(run("cluster", "--json"))[:-1])
    assert "1 joined" in run("topics", "merge", first, second, second).output
    for _ in range(2):
        run("topics", "hide", third)
        run("topics", "move", "printer-0", first)
        run("topics", "rename", first, "Paper")
    details = [line["detail"] for line in lines(run("audit", "--json"))]
    assert sum("hidden" in one for one in details) == 1
    assert sum("joined" in one for one in details) == 1
    assert sum("→ Paper" in one for one in details) == 1
    assert sum("printer-0" in one for one in details) <= 1


def test_a_move_can_be_undone(run: Run) -> None:
    """The next run then puts the ticket where it belongs."""
    topics = lines(run("cluster", "--json"))[:-1]
    [home, other] = [one for one in topics if "vpn" not in one["items"][0]]
    item = home["items"][0]
    assert run("topics", "move", item, str(other["topic"])).exit_code == 0
    moved = {one["topic"]: one["items"] for one in lines(run("cluster", "--json"))[:-1]}
    assert item in moved[other["topic"]]
    assert run("topics", "move", item, "--undo").exit_code == 0
    found = {one["topic"]: one["items"] for one in lines(run("cluster", "--json"))[:-1]}
    assert item in found[home["topic"]]
    assert "has moved" in run("topics", "move", item, "--undo").output
    assert run("topics", "move", item).exit_code == 2
    assert run("topics", "move", item, "1", "--undo").exit_code == 2


def test_a_split_is_undone_by_merging(run: Run) -> None:
    """The topic gets its id, name and tickets back, and keeps them in the next run."""
    before = lines(run("cluster", "--json"))[0]
    topic = str(before["topic"])
    details = run("topics", "split", topic).output
    other = details.rsplit(" ", 1)[1].strip(" .\n")
    assert run("topics", "merge", topic, other).exit_code == 0
    for command in ("list",), ("cluster",):
        arguments = ("topics", "list") if command == ("list",) else command
        found = {one["topic"]: one for one in lines(run(*arguments, "--json"))[:-1]}
        assert found[before["topic"]]["title"] == before["title"]
        assert set(found[before["topic"]]["items"]) == set(before["items"])


def test_every_mistake_has_a_clear_error(run: Run) -> None:
    """No run yet; an unknown topic, channel or item; invalid values."""
    for arguments, expected in [
        (("topics", "list"), "deja cluster"),
        (("trends",), "deja cluster"),
        (("cluster", "--channel", "nowhere"), "no channel"),
        (("cluster", "--k", "0"), "--k"),
        (("cluster", "--k", "999999"), "--k"),
        (("cluster", "--since", "soon"), "soon"),
        (("cluster", "--since", "-3d"), "-3d"),
        (("cluster", "--since", "0d"), "no ticket"),
        (("cluster", "--since", "2030-01-01"), "no ticket"),
    ]:
        result = run(*arguments)
        assert result.exit_code != 0
        assert expected in result.output
    run("cluster")
    for arguments in [
        ("rename", "999", "Paper"), ("merge", "999", "1"), ("split", "999"), ("hide", "999"),
        ("hide", "999", "--undo"), ("move", "vpn-1", "999"), ("merge", "1", "999"),
    ]:  # fmt: skip
        missing = run("topics", *arguments)
        assert missing.exit_code == 1
        assert "no such topic" in missing.output
    assert "no topic 999" in run("topics", "show", "999").output
    assert "no item nobody" in run("topics", "move", "nobody", "1").output
    first = str(lines(run("topics", "list", "--json"))[0]["topic"])
    assert "with itself" in run("topics", "merge", first, first).output


def test_changes_are_undone_one_after_the_other(run: Run) -> None:
    """The last one first; an earlier one says which to undo before it."""
    before = lines(run("topics", "list", "--json")) if run("cluster").exit_code == 0 else []
    first, second, third = (str(one["topic"]) for one in before[:-1])
    item = before[2]["items"][0]
    run("topics", "merge", first, second)
    run("topics", "move", item, first)
    run("topics", "hide", third)
    run("topics", "rename", first, "Paper")
    run("topics", "split", first)
    done = lines(run("topics", "changes", "--json"))
    assert [one["action"] for one in done] == ["split", "rename", "hide", "move", "merge"]
    assert done[3]["item"] == item
    merge = str(done[-1]["change"])
    refused = run("topics", "undo", merge)
    assert refused.exit_code == 1
    assert f"First undo change {done[0]['change']}" in refused.output
    assert "no such change" in run("topics", "undo", "999").output
    assert "Undone: topic" in run("topics", "undo").output
    assert "joined to topic" in run("topics", "undo", merge).output
    assert "already been undone" in run("topics", "undo", merge).output
    for _ in range(3):
        assert run("topics", "undo").exit_code == 0
    assert "nothing to undo" in run("topics", "undo").output
    assert lines(run("topics", "list", "--json")) == before
    assert lines(run("cluster", "--json")) == before
    assert all(one["undone_by"] for one in lines(run("topics", "changes", "--json")))
    assert "undone by" in run("topics", "changes").output


ANSWER = "Set the *driver* to [direct](https://x.example) thermal."


def _answer(run: Run, folder: Path) -> str:
    """Import an answer to the first ticket about a printer, group the tickets, return its text."""
    text = SUBJECTS["printer"][0]
    file = folder / "answered.jsonl"
    answers = [("printer-0", text, ANSWER), ("vpn-0", SUBJECTS["vpn"][0], "Done.")]
    lines_ = [{"id": name, "text": asked, "resolution": said} for name, asked, said in answers]
    file.write_text("\n".join(map(json.dumps, lines_)))
    assert run("topics", "faq").exit_code == 1
    assert run("import", str(file)).exit_code == 0
    assert run("cluster").exit_code == 0
    return text


def test_an_faq_has_the_accepted_answers(run: Run, tmp_path: Path) -> None:
    """As text, as Markdown in which tickets cannot be markup, and as JSON lines."""
    question = _answer(run, tmp_path)
    [line] = lines(run("topics", "faq", "--json"))
    assert (line["question"], line["answer"]) == (question, ANSWER)
    assert (line["from"], line["helped"], line["worded_by"]) == (["printer-0"], 0, None)
    text = " ".join(run("topics", "faq").stdout.split())
    assert f"{question} {ANSWER} topic {line['topic']} · from printer-0" in text
    assert "1 topic of 3 has an answer." in text
    page = run("topics", "faq", "--markdown").stdout
    assert page.startswith(f"# Frequently asked questions\n\n## {question}\n\nSet the \\*driver")
    assert "\\[direct\\](https" in page
    assert page.endswith("From printer-0\n")
    assert run("topics", "faq", "--markdown", "--json").exit_code == 2


def test_an_faq_is_worded_by_a_language_model_where_one_is_set_up(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only with --reword; the command and the doctor say what goes where."""
    question = _answer(run, tmp_path)
    missing = run("topics", "faq", "--reword")
    assert missing.exit_code == 1
    assert "DEJA_LLM_URL is not set" in missing.output
    worded = "Why does the printer on the third floor print blank pages?"
    with chat_server() as server:
        server.write = json.dumps({"question": worded, "answer": ANSWER})
        monkeypatch.setenv("DEJA_LLM_URL", server.url)
        assert "DEJA_LLM_MODEL is not set" in run("topics", "faq", "--reword").output
        monkeypatch.setenv("DEJA_LLM_MODEL", "some-model")
        monkeypatch.setenv("DEJA_LLM_KEY", KEY)
        assert "some-model at 127.0.0.1" in run("doctor", "--offline").output
        assert [one["question"] for one in lines(run("topics", "faq", "--json"))] == [question]
        assert server.requests == []
        found = run("topics", "faq", "--reword", "--json")
        assert "1 question and answer leaves this machine for 127.0.0.1" in found.stderr
        [line] = lines(found)
        assert (line["question"], line["worded_by"]) == (worded, "some-model")
        page = run("topics", "faq", "--reword", "--markdown").stdout
        assert "Worded by some-model from printer-0" in page
        server.failures = [(429, {"Retry-After": "60"}, "")]
        failed = run("topics", "faq", "--reword", "--json")
    assert lines(failed)[0]["question"] == question
    assert "does not answer now (HTTP 429)" in failed.stderr
    assert "1 entry in the words of the tickets." in failed.stderr


def test_an_faq_without_answers_says_so(run: Run) -> None:
    """It names the command that lists what waits for one."""
    run("cluster")
    found = run("topics", "faq")
    assert found.stdout == ""
    assert "deja trends --unanswered" in " ".join(found.stderr.split())
