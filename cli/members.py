"""Thousands of people go into a manual segment at once, and whoever is not known must not vanish among them (3.21).

Commands of `sojourn segments`. Unknown identifiers go to standard output, one a line, or into a file; nobody is made.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.markup import escape
from rich.progress import Progress

from api.schemas.members import MembersChanged, MembersCleared
from cli import showing
from cli.client import Client, segment
from cli.console import ERR, OUT
from engine.errors import InputError
from storage.manual_members import MOST_AT_ONCE


class By(StrEnum):
    """What kind of identifiers a list holds."""

    ID = "id"
    EMAIL = "email"
    CIO_ID = "cio_id"


Key = Annotated[str, typer.Argument(help="The segment's key.")]
People = Annotated[list[str], typer.Argument(metavar="PERSON…", help="Their ids, or what --by says.")]
Kind = Annotated[By, typer.Option("--by", help="What kind of identifiers these are.")]


def add(key: Key, people: People, *, by: Kind = By.ID, json: showing.Json = False) -> None:
    """Put people into a manual segment. Prints who is not known."""
    _change(key, people, "add", by, json=json)


def remove(key: Key, people: People, *, by: Kind = By.ID, json: showing.Json = False) -> None:
    """Take people out of a manual segment. Prints who is not known."""
    _change(key, people, "remove", by, json=json)


def clear(
    key: Key,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: showing.Json = False,
) -> None:
    """Take everybody out of a manual segment who is in it or on the way in now."""
    if not yes:
        typer.confirm(f"Take everybody out of {key}?", abort=True, err=True)
    with Client() as client:
        found = client.clear(f"segments/{segment(key)}/members", MembersCleared)
    if json:
        showing.json(found)
    else:
        OUT.print(f"{found.taken} leave {escape(key)}.")


def import_(
    key: Key,
    file: Annotated[Path, typer.Argument(help="A CSV file whose first line names the columns.", dir_okay=False)],
    *,
    by: Kind = By.ID,
    column: Annotated[str | None, typer.Option(help="Where they stand; without it, the column named as --by.")] = None,
    unknown: Annotated[Path | None, typer.Option(help="Write who is not known into this file, one a line.")] = None,
    json: showing.Json = False,
) -> None:
    """Put the people of a CSV file into a manual segment, in chunks of a thousand. Reports who is not known."""
    if unknown is not None and not unknown.parent.is_dir():
        raise InputError(str(unknown), "There is no such folder.", "Make it first, or choose another one.")
    people = list(dict.fromkeys(_read(file, column or by.value)))
    if not people:
        raise InputError(str(file), "There is nobody in this file.", "Name the column with --column.")
    found = _send(key, people, "add", by)
    if unknown is not None:
        unknown.write_text("".join(f"{one}\n" for one in found.unknown), encoding="utf-8")
    _report(key, "add", found, json=json, listed=unknown is None)


def _change(key: str, people: Sequence[str], change: Literal["add", "remove"], by: By, *, json: bool) -> None:
    _report(key, change, _send(key, list(dict.fromkeys(people)), change, by), json=json)


def _send(key: str, people: list[str], change: Literal["add", "remove"], by: By) -> MembersChanged:
    taken, unknown = 0, []
    with Client() as client, Progress(console=ERR, transient=True, disable=len(people) <= MOST_AT_ONCE) as progress:
        task = progress.add_task(f"{len(people)} people", total=len(people))
        for start in range(0, len(people), MOST_AT_ONCE):
            chunk = people[start : start + MOST_AT_ONCE]
            body = {"change": change, "by": by.value, "ids": chunk}
            found = client.post(f"segments/{segment(key)}/members", MembersChanged, body)
            taken += found.taken
            unknown += found.unknown
            progress.advance(task, len(chunk))
    return MembersChanged(taken=taken, unknown=unknown)


def _read(file: Path, name: str) -> list[str]:
    try:
        return list(_column(file, name))
    except UnicodeDecodeError:
        raise InputError(str(file), "This is not UTF-8 text.", "Save it as UTF-8.") from None
    except OSError as error:
        problem = f"It cannot be read: {error.strerror}."
        raise InputError(str(file), problem, "Name a CSV file that is there.") from None


def _column(file: Path, name: str) -> Iterator[str]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines)
        if name not in (rows.fieldnames or ()):
            columns = ", ".join(rows.fieldnames or ()) or "none"
            raise InputError(str(file), f"There is no column {name!r}.", f"Its columns are: {columns}.")
        for row in rows:
            value = (row[name] or "").strip()
            if value:
                yield value


def _report(key: str, change: str, found: MembersChanged, *, json: bool, listed: bool = True) -> None:
    if json:
        showing.json(found)
        return
    done = "added to" if change == "add" else "removed from"
    ERR.print(f"{found.taken} {'is' if found.taken == 1 else 'are'} {done} {escape(key)}.")
    if found.unknown:
        ERR.print(f"[yellow]{len(found.unknown)} {'is' if len(found.unknown) == 1 else 'are'} not known.[/]")
        if listed:
            for one in found.unknown:
                OUT.out(one)
