"""Files of labelled pairs and groups: what their lines mean, and which are invalid."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import InputError
from services.evaluation.label_files import LabelFile, LabelledPair, read_labels, relevant_items

NAMES = st.text(string.ascii_letters + " é", min_size=1, max_size=2)
VALUES: st.SearchStrategy[object] = st.one_of(
    st.none(), st.booleans(), st.integers(-1, 2), st.floats(), NAMES, st.just([])
)
PAIR_LINES = st.dictionaries(
    st.sampled_from(["a", "b", "label", "verdict"]), VALUES, max_size=4
).map(json.dumps)


def pairs(*lines: str) -> list[tuple[str, str, bool]]:
    """Return the pairs in lines that have no error."""
    labels = read_labels(lines)
    assert not labels.errors
    return [(one.a, one.b, one.is_duplicate) for one in labels.pairs]


@pytest.mark.parametrize(
    ("label", "is_duplicate"),
    [
        ('"label": 1', True),
        ('"label": 0', False),
        ('"label": true', True),
        ('"label": false', False),
        ('"label": "True"', True),
        ('"label": 1.0', True),
        ('"verdict": "duplicate"', True),
        ('"verdict": "related"', False),
        ('"verdict": "distinct"', False),
        ('"verdict": "duplicate", "label": null', True),
        ('"verdict": "related", "label": 0, "split": "test"', False),
    ],
)
def test_a_label_can_be_written_in_several_ways(label: str, is_duplicate: bool) -> None:
    """Numbers, booleans and verdicts are labels; only a duplicate is positive."""
    assert pairs(f'{{"a": "T-1", "b": 2, {label}}}') == [("T-1", "2", is_duplicate)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_pairs_are_read_by_their_header(delimiter: str) -> None:
    """Columns have any order and case; a byte order mark and empty rows are ignored."""
    rows = '\ufeffLabel,note,B,A\r\n1,"two\nlines",y,x\r\n,,,\r\n0,,z,x\r\n'
    text = io.StringIO(rows.replace(",", delimiter), newline="")
    assert pairs(*text) == [("x", "y", True), ("x", "z", False)]


@pytest.mark.parametrize(
    "lines",
    [
        ['{"id": 1, "group": "g"}', "", '{"id": 2, "label": "g"}'],
        ['\ufeff{"id": "1", "group": "g", "label": "h"}', '{"id": "2", "group": "g"}'],
        ["id,group", "1,g", "2,g"],
        ["id,text,label", "1,printer,g", "2,printer,g"],
    ],
)
def test_groups_are_read(lines: list[str]) -> None:
    """A line has an item and its group, which may also be called `label`."""
    assert read_labels(lines) == LabelFile([], {"1": "g", "2": "g"}, [])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("oops", "not JSON: Expecting value at character 1"),
        ("[1]", "not a JSON object"),
        ("9" * 5_000, "not JSON: a number too long"),
        ("[" * 100_000, "not JSON"),
        ('{"id": "x", "text": "y"}', "there is no group"),
        ("{}", "needed are a, b and label"),
        ('{"a": "x", "label": 1}', "there is no b"),
        ('{"b": "x", "a": " ", "label": 1}', "there is no a"),
        ('{"a": "x", "b": ["y"], "label": 1}', "b is ['y']: it must be text"),
        ('{"a": "x", "b": NaN, "label": 1}', "b is nan: it must be text"),
        ('{"a": "x", "b": "y"}', "there is neither label nor verdict"),
        ('{"a": "x", "b": "y", "label": 2}', "label is 2: it must be 1, 0"),
        ('{"a": "x", "b": "y", "verdict": "same"}', "verdict is 'same': it must be duplicate, "),
        ('{"a": "x", "b": "y", "label": 0, "verdict": "duplicate"}', "contradict"),
        ('{"a": "x", "b": "x", "label": 1}', "an item cannot be compared with itself"),
        ('{"a": "2", "b": "1", "label": 0}', "line 1 says otherwise"),
    ],
)
def test_a_bad_line_is_listed_and_the_rest_kept(line: str, reason: str) -> None:
    """Each error has the line's number and a reason."""
    good = '{"a": "1", "b": "2", "label": 1}'
    labels = read_labels([good, "", line, good.replace("2", "3")])
    assert [one.b for one in labels.pairs] == ["2", "3"]
    [(number, text)] = labels.errors
    assert number == 3
    assert reason in text


def test_bad_csv_lines_are_listed() -> None:
    """A record of another length or with a stray quote does not affect other records."""
    lines = ["a,b,label\n", "1,2,1\n", "1,3\n", '1,"3"x,1\n', "1,4,0\n"]
    labels = read_labels(lines)
    assert [one.b for one in labels.pairs] == ["2", "4"]
    assert labels.errors[0] == (3, "there are 2 values for 3 columns")
    assert labels.errors[1][0] == 4
    assert labels.errors[1][1].startswith("not CSV: ")


def test_an_item_in_two_groups_is_an_error() -> None:
    """The first group counts; the same group again is counted as a repetition."""
    labels = read_labels(["id,group", "1,g", "1,h", "1,g"])
    assert labels == LabelFile(
        [], {"1": "g"}, [(3, "line 2 says otherwise, and counts")], repeated=1
    )


def test_a_repeated_pair_counts_once() -> None:
    """A pair is the same in either order."""
    labels = read_labels(["a,b,label", "1,2,1", "2,1,1"])
    assert labels == LabelFile([LabelledPair("1", "2", True)], {}, [], repeated=1)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], "The file is empty"),
        (["", " \n"], "The file is empty"),
        (["x,y,label", "1,2,1"], "whose first line names a, b and label"),
        (
            ['{"a": 1, "b": 2, "label": 1}', '{"id": 1, "group": 2}'],
            "Line 1 labels a pair, line 2 names a group",
        ),
    ],
)
def test_other_files_are_refused(lines: list[str], reason: str) -> None:
    """An empty file, unknown columns, or both forms in one file give one clear error."""
    with pytest.raises(InputError, match=reason):
        read_labels(lines)


@given(st.lists(st.text(max_size=20) | PAIR_LINES))
def test_any_lines_are_read_or_refused(lines: list[str]) -> None:
    """Every line that is not blank is valid, repeated or listed as an error."""
    lines = ['{"a": 1, "b": 2, "label": 1}', *lines]
    labels = read_labels(lines)
    counted = len(labels.pairs) + labels.repeated + len(labels.errors)
    assert counted == sum(bool(line.strip()) for line in lines)


@given(st.lists(st.text(max_size=20)))
def test_any_file_is_read_or_refused_clearly(lines: list[str]) -> None:
    """Any file gives labels or one clear error."""
    with contextlib.suppress(InputError):
        labels = read_labels(lines)
        assert not labels.pairs or not labels.groups


@given(st.lists(st.tuples(NAMES, NAMES, st.sampled_from(["0", "1", "x"]))))
def test_csv_and_json_give_the_same_labels(rows: list[tuple[str, str, str]]) -> None:
    """The same rows have the same labels and errors in both formats."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([("a", "b", "label"), *rows])
    buffer.seek(0)
    json_lines = [json.dumps(dict(zip("ab", row, strict=False), label=row[2])) for row in rows]
    by_csv = read_labels(buffer)
    by_json = read_labels(["{}", *json_lines])
    assert by_csv.pairs == by_json.pairs
    assert [line for line, _ in by_csv.errors] == [line for line, _ in by_json.errors[1:]]


def test_members_of_a_group_are_relevant_to_each_other() -> None:
    """An item alone in its group has no relevant items."""
    labels = LabelFile([], {"1": "g", "2": "g", "3": "g", "4": "h"}, [])
    assert relevant_items(labels) == {"1": {"2", "3"}, "2": {"1", "3"}, "3": {"1", "2"}}


def test_duplicates_of_duplicates_are_relevant_unless_labelled_distinct() -> None:
    """1, 2, 3 and 4 are connected, but people labelled 1 and 4 as distinct."""
    duplicates = [("1", "2"), ("3", "4"), ("2", "3"), ("2", "4"), ("8", "9")]
    labels = LabelFile(
        [
            *(LabelledPair(a, b, True) for a, b in duplicates),
            LabelledPair("4", "1", False),
            LabelledPair("5", "6", False),
        ],
        {},
        [],
    )
    assert relevant_items(labels) == {
        "1": {"2", "3"},
        "2": {"1", "3", "4"},
        "3": {"1", "2", "4"},
        "4": {"2", "3"},
        "8": {"9"},
        "9": {"8"},
    }
