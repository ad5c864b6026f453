"""Campaigns and segments are written by hand, as YAML or JSON, and a fault must be found again in the text.

So this reads a text as plain JSON data and remembers on which line each place of it stands.

YAML 1.1 would turn `sending: off` into false, `12:30` into 750 and a date into an object. So plain words become what
JSON knows (null, true, false, numbers) and everything else is a text, as in YAML 1.2. Anchors, tags and keys given
twice are refused: each makes a document say something else than it seems to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import yaml

from engine.errors import DocumentError, Fault

LARGEST: Final = 1_000_000
"""Characters. A campaign with all its emails inside is a tenth of that."""

DEEPEST: Final = 100
"""Nesting. Far beyond any document, and far below what a recursive reader can follow."""

_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,30})(?P<fraction>\.[0-9]{1,30})?(?P<exponent>[eE][-+]?[0-9]{1,2})?")
_WORDS: Final[dict[str, object]] = {"": None, "~": None, "null": None, "true": True, "false": False}
_LAST_STEP: Final = re.compile(r"(?:\.[^.\[\]]*|\[[^\[\]]*\]|[^.\[\]]+)\Z")
_SURROGATES: Final = re.compile(
    r"(?P<before>(?<!\\)(?:\\\\)*)(?P<escape>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
)
_UNTAKEN: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


class UnreadableError(DocumentError):
    """The text is not taken as a document, from one of its lines on."""

    def __init__(self, line: int, place: str, problem: str, remedy: str) -> None:
        self.line = line
        self.unnumbered = Fault(place=place, problem=f"{problem[:1].upper()}{problem[1:]}", remedy=remedy)
        """The same for whoever names the line in front of it."""
        super().__init__([Fault(place=place, problem=f"Line {line}: {problem}", remedy=remedy)])


@dataclass(frozen=True, slots=True)
class Source:
    """A document as data, with the line of every place in it."""

    data: dict[str, Any]
    lines: dict[str, int]

    def line_of(self, place: str) -> int:
        """Return the line, counted from 1, of a place like `workflow[2].branch`, or else of what surrounds it."""
        while place and place not in self.lines:
            step = _LAST_STEP.search(place)
            place = place[: step.start()] if step else ""
        return self.lines.get(place, 1)


def read(text: str) -> Source:
    """Read one YAML or JSON document.

    Raises DocumentError, with the line, for text that is neither, and for anything but a mapping with unique keys.
    """
    if len(text) > LARGEST:
        remedy = f"Write at most {LARGEST:,} characters."
        raise DocumentError([Fault(place="", problem="The document is too long.", remedy=remedy)])
    reader = _Reader(yaml.parse(_as_yaml(text), Loader=yaml.CLoader))
    try:
        data = reader.document()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line if error.problem_mark else 0
        problem = f"this is neither YAML nor JSON: {error.problem}."
        _refuse(line, "", problem, "Look at the indentation and the quotes just before.")
    except yaml.YAMLError as error:
        problem = str(error).partition("\n")[0]
        _refuse(0, "", f"this is neither YAML nor JSON: {problem}.", "Save it as UTF-8 text.")
    return Source(data=data, lines=reader.lines)


def _as_yaml(text: str) -> str:
    """Replace what JSON allows and YAML does not: indentation by tabs, and some characters, raw or as two escapes."""
    if not text.lstrip().startswith("{"):
        return text
    text = text.replace("\t", "  ")  # never inside a string: there JSON escapes it
    text = _SURROGATES.sub(lambda pair: pair["before"] + json.loads(f'"{pair["escape"]}"'), text)
    return _UNTAKEN.sub(lambda character: f"\\u{ord(character[0]):04x}", text)


class _Reader:
    """Builds data from the events of the parser, which never recurses; so depth is counted here."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events
        self.lines: dict[str, int] = {}

    def document(self) -> dict[str, Any]:
        event = next(self._events)
        while isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent):
            event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            _refuse(0, "", "there is no document in here.", "Begin with `name:`.")
        if not isinstance(event, yaml.MappingStartEvent):
            _refuse(_line(event), "", "a document is a mapping of keys to values.", "Begin with `name:`.")
        self.lines[""] = _line(event) + 1
        data = self._mapping("", 1)
        next(self._events)  # the end of the document
        event = next(self._events)
        if not isinstance(event, yaml.StreamEndEvent):
            _refuse(_line(event), "", "a second document begins here.", "Write one document per file.")
        return data

    def _value(self, event: yaml.Event, place: str, depth: int) -> object:
        line = _line(event)
        self.lines.setdefault(place, line + 1)
        if depth > DEEPEST:
            top = place.partition("[")[0].partition(".")[0]
            _refuse(line, top, "the document nests too deeply.", f"Use at most {DEEPEST} levels.")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            _refuse(line, place, "anchors and aliases (& and *) are not taken.", "Quote the text.")
        if (tag := getattr(event, "tag", None)) is not None:
            _refuse(line, place, f'the tag "{tag}" means nothing here.', "Leave it out, or quote the text.")
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event, place)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(place, depth)
        return self._sequence(place, depth)

    def _sequence(self, place: str, depth: int) -> list[object]:
        items: list[object] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._value(event, f"{place}[{len(items)}]", depth + 1))
        return items

    def _mapping(self, place: str, depth: int) -> dict[str, Any]:
        data: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                _refuse(_line(event), place, "a key is a text.", "Put it in quotes.")
            key = event.value
            inside = f"{place}.{key}" if place else key
            if key in data:
                _refuse(_line(event), inside, f'"{key}" is there twice.', "Keep one of the two.")
            self.lines[inside] = _line(event) + 1
            data[key] = self._value(next(self._events), inside, depth + 1)
        return data


def _scalar(event: yaml.ScalarEvent, place: str) -> object:
    text: str = event.value
    if "\x00" in text:
        _refuse(_line(event), place, "the text holds a NUL character.", "Remove it.")
    if event.style:  # quoted or a block: always a text
        return text
    if text in _WORDS:
        return _WORDS[text]
    number = _NUMBER.fullmatch(text)
    if number is None:
        return text
    return float(text) if number["fraction"] or number["exponent"] else int(text)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line if event.start_mark else 0


def _refuse(line: int, place: str, problem: str, remedy: str) -> NoReturn:
    raise UnreadableError(line + 1, place, problem, remedy)
