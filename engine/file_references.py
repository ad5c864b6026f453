"""An email is easier to write in a file of its own than inside YAML: `body: {file: emails/nudge.html}`.

Whoever has the files (the command line) puts their text into the document before it is read; the engine and the API
know only whole documents.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from engine.documents import shown
from engine.errors import Fault
from engine.spelling import SURE, meant
from engine.steps import KINDS, Step, ab_test


def inline_files(document: object, read: Callable[[str], str], faults: list[Fault]) -> Any:
    """Return the document with every `{file: path}` of a block replaced by the text of the file.

    Args:
        document: as it was written; it is not changed.
        read: from the path in the document to the text; may raise OSError or ValueError, which become faults.
        faults: what could not be read is appended.
    """
    workflow = document.get("workflow") if isinstance(document, Mapping) else None
    if not isinstance(document, Mapping) or not isinstance(workflow, list):
        return document
    return {**document, "workflow": _path(workflow, "workflow", read, faults)}


def _path(path: object, place: str, read: Callable[[str], str], faults: list[Fault]) -> Any:
    if not isinstance(path, list):
        return path
    return [_block(block, f"{place}[{number}]", read, faults) for number, block in enumerate(path)]


def _block(block: object, place: str, read: Callable[[str], str], faults: list[Fault]) -> Any:
    if not isinstance(block, Mapping) or len(block) != 1:
        return block
    [(kind, body)] = block.items()
    known = _known(kind, KINDS)
    if known is None or not isinstance(body, Mapping):
        return block
    return {kind: _body(KINDS[known], body, f"{place}.{kind}", read, faults)}


def _body(
    kind: type[Step], body: Mapping[Any, Any], place: str, read: Callable[[str], str], faults: list[Fault]
) -> dict[Any, Any]:
    whole = {}
    for key, value in body.items():
        at = f"{place}.{key}"
        if _known(key, kind.file_fields):
            whole[key] = _text(value, at, read, faults)
        elif _known(key, [ab_test.KEY]) and isinstance(value, Mapping):
            whole[key] = _body(kind, value, at, read, faults)
        else:
            whole[key] = _path(value, at, read, faults)
    return whole


def _known(key: object, known: Collection[str]) -> str | None:
    """Return the key that this one is or, mistyped, stands for: what is behind it is read as though it were right."""
    return str(key) if key in known else meant(str(key), known, likeness=SURE)


def _text(value: object, place: str, read: Callable[[str], str], faults: list[Fault]) -> Any:
    if not isinstance(value, Mapping) or set(value) != {"file"}:
        return value
    path = value["file"]
    if not isinstance(path, str):
        problem = f"{shown(path)} is not the path of a file."
        faults.append(Fault(place=f"{place}.file", problem=problem, remedy="Write one, such as emails/nudge.html."))
        return value
    try:
        return read(path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        problem = f"{shown(path)} cannot be read: {reason}."
        faults.append(
            Fault(place=f"{place}.file", problem=problem, remedy="Write the path from the document's own folder.")
        )
        return value
