"""Reading XML: the elements that are repeated are records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element, ParseError
from xml.parsers import expat

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from services.errors import InputError
from services.intake.importers.entries import RowError
from services.intake.importers.files.json_cursor import CUT
from services.intake.importers.records import Record, flat
from services.text.words.word_lists import words

# Elements that are records wherever they are.
_RECORDS = words(
    "row item ticket issue incident record entry case request conversation post result message"
    " bug defect task"
)
# Elements that are replies however many there are, and whose attributes say as much as their text:
# who wrote one, and when.
_REPLIES = frozenset({"comment", "reply", "note", "long_desc"})
# Elements read to learn which ones are repeated.
_HEAD_ELEMENTS = 5000


def read_xml(open_: Callable[[], BinaryIO], name: str = "") -> Iterator[Record | RowError]:
    """Read the records of an XML document, one at a time; with a name, those so called beside them.

    Raises `InputError` if it is no XML, or has entities of its own, which may be an attack.
    """
    path = _record_path(open_)
    path = (*path[:-1], name) if name else path
    number = 0
    with open_() as stream:
        try:
            for element in _elements(stream, path):
                number += 1
                yield Record(number, flat(_fields(element)))
        except ParseError as error:
            yield RowError(number + 1, _broken(error))
        except DefusedXmlException as error:
            raise InputError("The file defines entities of its own: that is not read.") from error


def other_records(open_: Callable[[], BinaryIO]) -> dict[str, int]:
    """Return how many other elements stand beside the records, by their names.

    That is the rows of other tables; such elements have elements of their own.
    """
    path = _record_path(open_)
    counts: Counter[str] = Counter()
    inner: set[str] = set()
    above: list[str] = []

    def start(tag: str, _attributes: object) -> None:
        above.append(tag.rpartition(":")[2])
        if len(above) == len(path):
            counts[above[-1]] += 1
        elif len(above) == len(path) + 1:
            inner.add(above[-2])

    def end(_tag: str) -> None:
        above.pop()

    # All of it is read: rows of another table may stand behind many records. Entities were looked
    # for above, as they are defined before the first element.
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    with open_() as stream, suppress(expat.ExpatError):
        parser.ParseFile(stream)
    return {name: counts[name] for name in counts if name in inner and name != path[-1]}


def _broken(error: ParseError) -> str:
    return CUT if error.code in _CUT else f"not XML: {error}"


# Expat's codes: no element found, unclosed token, unclosed CDATA section.
_CUT = frozenset({3, 5, 20})


def _elements(stream: BinaryIO, path: tuple[str, ...]) -> Iterator[Element]:
    """Yield the elements at a path; each is forgotten after it was read."""
    above: list[Element] = []
    for event, element in iterparse(stream, events=("start", "end")):
        if event == "start":
            above.append(element)
            continue
        here = tuple(_name(one.tag) for one in above)
        above.pop()
        if here == path:
            yield element
        if len(here) <= len(path):
            element.clear()
            if above:
                above[-1].remove(element)


def _record_path(open_: Callable[[], BinaryIO]) -> tuple[str, ...]:
    """Return the path of the elements that are records: of a known name, or else repeated."""
    counts: Counter[tuple[str, ...]] = Counter()
    parts: Counter[tuple[str, ...]] = Counter()
    above: list[str] = []
    with open_() as stream:
        try:
            for seen, (event, element) in enumerate(iterparse(stream, events=("start", "end"))):
                if event == "end":
                    above.pop()
                    element.clear()
                    continue
                above.append(_name(element.tag))
                counts[tuple(above)] += 1
                parts[tuple(above)] += len(element.attrib)
                parts[tuple(above[:-1])] += 1
                if seen > _HEAD_ELEMENTS:
                    break
        except ParseError as error:
            if not counts:
                raise InputError(f"not XML: {error}") from error
        except DefusedXmlException as error:
            raise InputError("The file defines entities of its own: that is not read.") from error
    whole = [path for path in counts if parts[path] > 1]
    if not whole:
        raise InputError("The XML has no records.")
    named = [path for path in whole if path[-1].lower() in _RECORDS or _is_listed(path)]
    repeated = [path for path in whole if counts[path] > 1]
    # Jira's <issue start="0" end="9"/> stands beside its items, and has little in it.
    return min(named or repeated or whole, key=lambda path: (len(path), -parts[path]))


def _is_listed(path: tuple[str, ...]) -> bool:
    """Say whether a document lists these elements, maybe only one: `<faults>` has `<fault>`."""
    return len(path) == 2 and path[0] in (f"{path[1]}s", f"{path[1]}es")  # noqa: PLR2004


def _fields(element: Element) -> dict[str, Any]:
    """Return the attributes and inner elements of a record."""
    fields: dict[str, Any] = dict(element.attrib)
    for inner in element:
        tag, name, value = _name(inner.tag), _field_name(inner), _value(inner)
        if isinstance(value, dict) and (name.lower() in _REPLIES or _lists(element, tag)):
            value = [value]
        elif name.lower() in _REPLIES and inner.attrib and tag == name:
            value = [{**inner.attrib, "body": value}]
        if name in fields:
            before = fields[name]
            more = value if isinstance(value, list) else [value]
            fields[name] = [*(before if isinstance(before, list) else [before]), *more]
        else:
            fields[name] = value
    return fields


def _lists(element: Element, tag: str) -> bool:
    """Say whether an element lists inner ones, however few there are: `<posts>` has `<post>`."""
    name = _name(element.tag).lower()
    return name in (f"{tag.lower()}s", f"{tag.lower()}es")


def _field_name(element: Element) -> str:
    """Return what a field is called: by its element, or as databases and Solr write it.

    That is `<field name="title">…</field>`.
    """
    tag = _name(element.tag)
    named = element.get("name") if tag in _FIELDS_BY_NAME else None
    return named or tag


_FIELDS_BY_NAME = words("field column str int date arr property cell attribute data")


def _value(element: Element) -> Any:
    text = (element.text or "").strip()
    if len(element):
        return _fields(element)
    if element.get("display_value"):
        return {"display_value": element.get("display_value"), "value": text}
    if text or _name(element.tag) in _FIELDS_BY_NAME:
        return text
    # All that Redmine says of a state is <status id="5" name="Closed"/>.
    said = {name: one for name, one in element.attrib.items() if _name(name) not in _OF_SCHEMA}
    return said or text


# Attributes that say nothing but how an element is written.
_OF_SCHEMA = words("nil type lang space null")


def _name(tag: str) -> str:
    return tag.rpartition("}")[2]
