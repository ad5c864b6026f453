"""Saving documents from files: all are checked before the first is saved, so a typing mistake saves nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import typer
from rich.markup import escape

from api.schemas.campaigns import SavedOut
from cli import checking, documents, showing
from cli.client import Client, segment
from cli.console import ERR, OUT
from cli.documents import DocumentFile, FileError
from engine.errors import Conflict, DocumentError

_MARKS: Final = {"created": "[green]+[/]", "changed": "[green]~[/]", "unchanged": "[dim]=[/]"}


def apply(paths: Sequence[Path], *, json: bool) -> None:
    """Check and save the documents in these files, segments first, and say what each save did."""
    found = checking.read(paths)
    if found.wrong:
        for error in found.wrong:
            showing.faults_of_file(error)
        ERR.print("Nothing was saved.")
        raise typer.Exit(1)
    ordered = documents.in_order(found.right)
    saved: list[SavedOut] = []
    with Client() as client:
        for document in ordered:
            try:
                saved.append(_save(client, document))
            except FileError as error:
                showing.faults_of_file(error)
                _print_end(saved, ordered)
                raise typer.Exit(1) from None
            if not json:
                _print(document, saved[-1])
    if json:
        showing.json(saved)


def _save(client: Client, document: DocumentFile) -> SavedOut:
    try:
        return client.put(f"{document.kind}s/{segment(document.key)}", SavedOut, document.data)
    except (Conflict, DocumentError) as error:
        raise FileError(document.path, document.source, error.faults) from None


def _print_end(saved: Sequence[SavedOut], ordered: Sequence[DocumentFile]) -> None:
    """Say what a refusal of the API left undone: what stood before it in the order of saving is saved."""
    if saved:
        ERR.print(f"{len(saved)} of {len(ordered)} documents were saved, the rest was not.")
    else:
        ERR.print("Nothing was saved.")


def _print(document: DocumentFile, saved: SavedOut) -> None:
    OUT.print(
        f"{_MARKS[saved.outcome]} {document.kind} [bold]{escape(saved.key)}[/]  "
        f"version {saved.version}, {saved.outcome}, {showing.state(saved.state)}"
    )
    for key in saved.segments:
        OUT.print(f"{_MARKS['created']} segment [bold]{escape(key)}[/]  made with {escape(saved.key)}")
    found = [one.finding() for one in saved.findings]
    showing.faults(found, document.path, document.source)
    if showing.keeps_from_starting(found):
        ERR.print(f"{escape(saved.key)} is saved. A start is refused until what is marked {showing.FAULT} is mended.")
