"""What management commands print: tables within the terminal or whole, JSON for scripts, faults with file and line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import orjson
import typer
import yaml
from pydantic import BaseModel
from rich import box
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

from api.schemas.lists import PersonName
from cli.console import ERR, OUT
from cli.documents import FileError
from engine.errors import DocumentError, Fault
from engine.review import Finding
from engine.source import Source

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
Most = Annotated[int, typer.Option("--limit", min=1, help="Show at most so many.")]

FAULT: Final = "[red]✗[/]"
"""What keeps a document from being saved, or a campaign from starting."""
NOTICE: Final = "[yellow]![/]"
"""What should be looked at before a start, and does not keep anybody from it."""

_UNFOLDED: Final = 1_000_000
"""More characters than any line has."""

_COLOURS: Final = {
    "running": "green",
    "ready": "green",
    "sent": "green",
    "delivered": "green",
    "opened": "green",
    "clicked": "green",
    "converted": "green",
    "stopping": "yellow",
    "building": "yellow",
    "attempted": "yellow",
    "waiting_for_filters": "yellow",
    "grace": "yellow",
    "unknown": "bold red",
    "failed": "red",
    "bounced": "red",
    "spammed": "red",
    "undeliverable": "red",
    "exited": "magenta",
}


def json(value: BaseModel | Sequence[BaseModel]) -> None:
    """Print a model, or a list of models, as JSON and nothing else."""
    if isinstance(value, BaseModel):
        OUT.out(value.model_dump_json(indent=2))
    else:
        data = [one.model_dump(mode="json") for one in value]
        OUT.out(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode())


def table(*columns: str) -> Table:
    """Return an empty table in the one style of all lists. The first column is what to copy, and never folded."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
    for number, column in enumerate(columns):
        made.add_column(column, no_wrap=number == 0, overflow="fold")
    return made


def rows(found: Table, nothing: str) -> None:
    """Print a table, or a word that there is nothing."""
    if found.row_count:
        columns(found)
    else:
        OUT.print(nothing, style="dim")


def fields(pairs: dict[str, str | None]) -> None:
    """Print names with values, one a line; what is None is left out. Values are markup."""
    lines = grid()
    for name, text in pairs.items():
        if text is not None:
            lines.add_row(name, text)
    columns(lines)


def is_folded() -> bool:
    """Whether a person looks at the output, in a terminal of some width."""
    return OUT.file.isatty()


def columns(found: Table) -> None:
    """Print columns: folded to fit into a terminal, and whole where a program reads them."""
    if not is_folded():
        found.width = Measurement.get(OUT, OUT.options.update_width(_UNFOLDED), found).maximum
    OUT.print(found, soft_wrap=False, crop=False)


def grid() -> Table:
    """Return an empty grid of two columns: a short word, and a text that folds beside it."""
    made = Table.grid(padding=(0, 2))
    made.add_column(style="dim", no_wrap=True)
    made.add_column(overflow="fold")
    return made


def state(word: str) -> str:
    """Return a state in its colour."""
    colour = _COLOURS.get(word, "default")
    return f"[{colour}]{word.replace('_', ' ')}[/]"


def at(instant: datetime | None) -> str:
    """Return an instant, in UTC to the second."""
    return f"{instant:%Y-%m-%d %H:%M:%S}" if instant else ""


def person(named: PersonName) -> str:
    """Return a person by the identifier that people recognise."""
    return escape(named.id or named.email or (f"cio_{named.cio_id}" if named.cio_id else "(nobody)"))


def value(data: Any) -> str:
    """Return a value as JSON in one line."""
    return escape(orjson.dumps(data).decode())


def reason(code: str | None) -> str:
    """Return a reason's code as words, which fold in a narrow column where a code would be cut."""
    return escape((code or "").replace("_", " "))


def seen(data: dict[str, Any]) -> str:
    """Return what a decision looked at: a condition as a tree of its parts with the values seen, all else as JSON."""
    lines: list[str] = []
    for name, looked in data.items():
        lines += _explained(looked, f"{name}: ") if _is_explanation(looked) else [f"{escape(name)}: {value(looked)}"]
    return "\n".join(lines)


def _is_explanation(data: Any) -> bool:
    return isinstance(data, dict) and data.keys() == {"holds", "text", "seen", "parts"}


def _explained(one: dict[str, Any], name: str = "", depth: int = 0) -> Iterator[str]:
    looked = "" if one["seen"] is None else f", seen {value(one['seen'])}"
    yield f"{'  ' * depth}{'✓' if one['holds'] else '✗'} {escape(name + one['text'])}{looked}"
    for part in one["parts"]:
        yield from _explained(part, depth=depth + 1)


def document(data: dict[str, Any]) -> None:
    """Print a document as one would write it: YAML, long texts as blocks."""
    text = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=78)
    OUT.print(text.rstrip(), markup=False)


class _Dumper(yaml.SafeDumper):
    """YAML with texts of many lines as blocks, as far as YAML can: not those with spaces at the end of a line."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def faults(found: Sequence[Fault], path: Path | None = None, source: Source | None = None) -> None:
    """Print faults from the top of their file to its end, each with its line and place, and what would be right."""
    for fault in sorted(found, key=lambda fault: source.line_of(fault.place)) if source else found:
        where = str(path) if path else ""
        if source is not None:
            where += f":{source.line_of(fault.place)}"
        place = "  ".join(part for part in (where, fault.place) if part) or "the document"
        mark = NOTICE if isinstance(fault, Finding) and fault.level == "warning" else FAULT
        ERR.print(f"{mark} [bold]{escape(place)}[/]")
        ERR.print(f"  {escape(fault.problem)}")
        if fault.remedy:
            ERR.print(f"  [dim]→ {escape(fault.remedy)}[/]")


def keeps_from_starting(found: Sequence[Finding]) -> bool:
    """Whether a start would be refused for one of these (behaviour 12.02)."""
    return any(finding.level == "error" for finding in found)


def faults_of_file(error: FileError) -> None:
    """Print the faults of a document, each with its line."""
    faults(error.faults, error.path, error.source)


@contextmanager
def faults_listed() -> Iterator[None]:
    """Print the faults of a refused document one by one, and end with exit code 1."""
    try:
        yield
    except FileError as error:
        faults_of_file(error)
        raise typer.Exit(1) from None
    except DocumentError as error:
        faults(error.faults)
        raise typer.Exit(1) from None
