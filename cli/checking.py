"""Checking files before anything is saved: each by itself, all of them together, and what exists if the API is asked.

Documents that are right one by one can be wrong together: segments in a circle, or one key with two conditions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.markup import escape

from api.schemas.campaigns import ReviewOut
from api.schemas.segments import SegmentOut
from cli import documents, showing
from cli.client import Client
from cli.console import ERR, OUT
from cli.documents import DocumentFile, FileError
from cli.missing_segments import without_mended
from engine import conditions
from engine.campaigns import Campaign
from engine.conditions import Condition
from engine.errors import Conflict, DocumentError, Fault
from engine.nesting import Uses, circles
from engine.review import Finding, review
from engine.segments import Segment
from engine.triggers.new_segments import clashes, condition_of

Server = Annotated[
    bool, typer.Option("--server", help="Ask the API too, which knows what exists; nothing is saved there.")
]

_MOST: Final = 1_000_000  # segments of a workspace: all there are


def files(paths: Sequence[Path]) -> list[Path]:
    """Return the files meant, or end with exit code 1 if there is none."""
    with showing.faults_listed():
        found = documents.files(paths)
    if not found:
        ERR.print("There is no YAML or JSON file in there.")
        raise typer.Exit(1)
    return found


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What became of documents that were read together."""

    right: Sequence[DocumentFile]
    """Those that are right, also beside the others."""
    wrong: Sequence[FileError]
    """What is wrong with the rest."""
    brought: Mapping[str, bool]
    """Every segment that one of them defines, right or wrong: key to whether it is manual."""


def read(paths: Iterable[Path], existing: Sequence[SegmentOut] = ()) -> Reading:
    """Read documents. With the segments that exist, circles by way of them are found too."""
    looked: dict[Path, DocumentFile | FileError] = {}
    for path in paths:
        try:
            looked[path] = documents.read(path)
        except FileError as error:
            looked[path] = error
    twice = _twice(looked)
    found = [one for one in looked.values() if isinstance(one, DocumentFile)]
    together = _together(found, _uses(existing))
    faults = {
        path: [*(one.faults if isinstance(one, FileError) else ()), *twice.get(path, ()), *together.get(path, ())]
        for path, one in looked.items()
    }
    broken = [one for one in looked.values() if isinstance(one, FileError)]
    return Reading(
        right=[one for one in found if not faults[one.path]],
        wrong=[
            *(FileError(one.path, one.source, faults[one.path]) for one in broken),
            *(FileError(one.path, one.source, faults[one.path]) for one in found if faults[one.path]),
        ],
        brought=_of_broken(broken) | {segment.key: segment.is_manual for one in found for segment, _ in _segments(one)},
    )


def validate(paths: Sequence[Path], *, server: bool) -> None:
    """Check documents and print what is wrong, and what to look at.

    End with exit code 1 if one cannot be saved, or if it is a campaign that would not start.
    """
    found = files(paths)
    if server:
        with Client() as client:
            _validate(found, client)
    else:
        _validate(found, None)


def _validate(paths: Sequence[Path], client: Client | None) -> None:
    existing = [] if client is None else list(client.items("segments", SegmentOut, most=_MOST))
    found = read(paths, existing)
    for error in found.wrong:
        showing.faults_of_file(error)
    broken, held = len(found.wrong), 0
    for document in found.right:
        try:
            asked = None if client is None else _asked(client, document)
        except FileError as error:
            showing.faults_of_file(error)
            broken += 1
            continue
        findings = _reviewed(document) if asked is None else without_mended(asked, document, existing, found.brought)
        is_held = showing.keeps_from_starting(findings)
        held += is_held
        mark, word = (showing.FAULT, ", which would not start") if is_held else ("[green]✓[/]", "")
        OUT.print(f"{mark} {escape(str(document.path))}  [dim]{document.kind} {document.key}{word}[/]")
        showing.faults(findings, document.path, document.source)
    if broken:
        ERR.print(f"{broken} of {len(paths)} documents cannot be saved.")
    if held:
        ERR.print(f"{held} of {len(paths)} documents can be saved, and a start would be refused.")
    if broken or held:
        raise typer.Exit(1)


def _reviewed(document: DocumentFile) -> Sequence[Finding]:
    return review(document.meaning) if isinstance(document.meaning, Campaign) else ()


def _asked(client: Client, document: DocumentFile) -> Sequence[Finding]:
    """Ask the API what a save would find. Raises FileError if it would be refused."""
    try:
        found = client.post(f"{document.kind}s/validate", ReviewOut, document.data)
    except (Conflict, DocumentError) as error:
        raise FileError(document.path, document.source, error.faults) from None
    return [one.finding() for one in found.findings]


def _uses(existing: Iterable[SegmentOut]) -> Uses:
    uses: dict[str, frozenset[str]] = {}
    scope = conditions.Scope.PERSON
    for one in existing:
        condition = conditions.parse(one.condition, place="", scope=scope, faults=[]) if one.condition else None
        uses[one.key] = conditions.touches(condition).segments if condition else frozenset()
    return uses


def _together(found: Sequence[DocumentFile], existing: Uses) -> Mapping[Path, Sequence[Fault]]:
    """Return what is wrong in files that are right by themselves, beside that a key is there twice."""
    defined: dict[str, tuple[DocumentFile, str]] = {}
    uses = dict(existing)
    asked: dict[str, Condition | None] = {}
    wrong: dict[Path, list[Fault]] = defaultdict(list)
    for document in documents.in_order(found):
        files = {key: str(definer.path) for key, (definer, _) in defined.items()}
        wrong[document.path] += clashes(_brought(document), asked, files=files)
        for segment, place in _segments(document):
            if segment.key in defined:
                continue
            defined[segment.key] = document, place
            uses[segment.key] = segment.segments_used
            asked[segment.key] = segment.condition
    for key, fault in circles({key: place for key, (_, place) in defined.items()}, uses).items():
        wrong[defined[key][0].path].append(fault)
    return wrong


def _twice(looked: Mapping[Path, DocumentFile | FileError]) -> Mapping[Path, Sequence[Fault]]:
    """Return for each file what is wrong if an earlier one defines the same: saved, the later would replace it."""
    first: dict[tuple[str, str], Path] = {}
    wrong: dict[Path, Sequence[Fault]] = {}
    for path, one in looked.items():
        data = one.source.data if one.source else {}
        known = documents.identity(data)
        if known is not None and (earlier := first.setdefault(known, path)) != path:
            kind, key = known
            problem = f"The file {earlier} defines the {kind} `{key}`, too."
            remedy = "Write another `key` into one of the two, or leave one of them out."
            wrong[path] = [Fault(place="key" if "key" in data else "name", problem=problem, remedy=remedy)]
    return wrong


def _of_broken(files: Iterable[FileError]) -> dict[str, bool]:
    """Return the segments that files with faults would define, and whether they would be manual."""
    data = [one.source.data for one in files if one.source]
    known = [(documents.identity(one), one) for one in data]
    return {found[1]: one.get("manual") is True for found, one in known if found and found[0] == "segment"}


def _brought(document: DocumentFile) -> Sequence[Segment]:
    return document.meaning.new_segments if isinstance(document.meaning, Campaign) else ()


def _segments(document: DocumentFile) -> Iterator[tuple[Segment, str]]:
    """Yield every segment that a document defines, and the place of its condition."""
    if isinstance(document.meaning, Segment):
        yield document.meaning, "condition"
    for segment in _brought(document):
        yield segment, condition_of(segment.key)
