"""Documents live in files next to the texts they send. This finds them, reads them whole, and says what each one is.

A document with `workflow` is a campaign, one with `condition` or `manual` a segment. Where a block may hold a long
text, it may say `{file: emails/nudge.html}`, relative to the document's folder, and gets the text of that file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, Final, Literal

from engine import campaigns, segments, source
from engine.campaigns import Campaign
from engine.documents import Fields
from engine.errors import DocumentError, Fault
from engine.file_references import inline_files
from engine.segments import Segment
from engine.source import Source

Kind = Literal["campaign", "segment"]

_SUFFIXES: Final = (".yaml", ".yml", ".json")


@dataclass(frozen=True, kw_only=True)
class DocumentFile:
    """One document as read and checked. `data` has the texts of files in it, `source` knows the line of every place."""

    path: Path
    source: Source
    data: dict[str, Any]
    meaning: Campaign | Segment

    @property
    def kind(self) -> Kind:
        """What it is."""
        return "campaign" if isinstance(self.meaning, Campaign) else "segment"

    @property
    def key(self) -> str:
        """Under which it is saved."""
        return self.meaning.key


class FileError(DocumentError):
    """What is wrong in one file. `source` is None if the file could not be read as YAML or JSON at all."""

    def __init__(self, path: Path, found: Source | None, faults: Sequence[Fault]) -> None:
        self.path = path
        self.source = found
        super().__init__(faults)


def files(paths: Iterable[Path]) -> list[Path]:
    """Return the files meant: those named, and every YAML or JSON file in the folders named, each once.

    Raises FileError for what does not exist.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.suffix in _SUFFIXES and file.is_file())
        elif path.exists():
            inside = [path]
        else:
            raise FileError(path, None, [Fault(place="", problem="There is no such file.", remedy="")])
        for file in inside:
            found.setdefault(file.resolve(), file)
    return list(found.values())


def read(path: Path) -> DocumentFile:
    """Read and check one document, with the files it refers to. Raises FileError with every fault."""
    try:
        found = source.read(_text(path))
    except source.UnreadableError as error:
        raise FileError(path, Source(data={}, lines={"": error.line}), [error.unnumbered]) from None
    except DocumentError as error:
        raise FileError(path, None, error.faults) from None
    unread: list[Fault] = []
    written = inline_files(found.data, lambda name: (path.parent / name).read_text(encoding="utf-8-sig"), unread)
    faults: Sequence[Fault] = unread
    try:
        meaning = _meaning(written)
    except DocumentError as error:
        # A reference that could not be read is a fault once more to whoever reads the document: say it once.
        places = tuple(fault.place.removesuffix(".file") for fault in unread)
        faults = [*unread, *(fault for fault in error.faults if fault.place not in places)]
    if faults:
        raise FileError(path, found, faults)
    return DocumentFile(path=path, source=found, data=written, meaning=meaning)


def identity(data: Mapping[str, Any]) -> tuple[Kind, str] | None:
    """Return what a document is and its key, also if it has faults; None if nobody can say."""
    kind: Kind = "campaign" if "workflow" in data else "segment"
    fields = Fields(data, "", [])
    key = fields.key("key", of=fields.name("name"))
    return (kind, key) if key and (kind == "campaign" or "condition" in data or "manual" in data) else None


def in_order(documents: Iterable[DocumentFile]) -> list[DocumentFile]:
    """Return documents so that each comes after those it asks about: segments first. A circle is left to the API."""
    by_kind: dict[str, list[DocumentFile]] = {"segment": [], "campaign": []}
    for document in documents:
        by_kind[document.kind].append(document)
    known = {document.key: document for document in by_kind["segment"]}
    asked = {key: _asked(document) & known.keys() for key, document in known.items()}
    try:
        order = list(TopologicalSorter(asked).static_order())
    except CycleError:
        order = list(known)
    return [*(known[key] for key in order), *by_kind["campaign"]]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise DocumentError([Fault(place="", problem="This is not UTF-8 text.", remedy="Save it as UTF-8.")]) from None
    except OSError as error:
        problem = f"It cannot be read: {error.strerror}."
        raise DocumentError([Fault(place="", problem=problem, remedy="")]) from None


def _meaning(data: dict[str, Any]) -> Campaign | Segment:
    if "workflow" in data:
        return campaigns.parse(data)
    if "condition" in data or "manual" in data:
        return segments.parse(data)
    problem = "This is neither a campaign nor a segment."
    remedy = "A campaign has a `workflow`, a segment has a `condition`, or says `manual: true`."
    raise DocumentError([Fault(place="", problem=problem, remedy=remedy)])


def _asked(document: DocumentFile) -> frozenset[str]:
    return document.meaning.segments_used if isinstance(document.meaning, Segment) else frozenset()
