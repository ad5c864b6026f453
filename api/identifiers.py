"""One path segment names a person in three ways, told apart by their shape alone (api 2.4)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from api.limits import IDENTIFIER_BYTES, check_size
from engine.errors import InputError

_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")

_CIO_PREFIX: Final = "cio_"


def person(identifier: str) -> dict[str, str]:
    """Return who a decoded identifier means: `{"cio_id": …}` without its prefix, `{"email": …}` or `{"id": …}`.

    Raises InputError when it is blank, longer than 150 bytes, or holds a character that cannot be stored.
    """
    if not identifier.strip():
        raise InputError("identifier", "The person's identifier is blank.", "Put an id or an email into the path.")
    if "\0" in identifier:
        raise InputError("identifier", "The identifier contains the character NUL.", "Leave it out.")
    check_size("identifier", "The person's identifier", identifier, IDENTIFIER_BYTES)
    if identifier.startswith(_CIO_PREFIX):
        bare = identifier.removeprefix(_CIO_PREFIX)
        if not bare:
            raise InputError("identifier", "Nothing follows the prefix cio_.", "Put the person's cio_id behind it.")
        return {"cio_id": bare}
    return {"email" if _EMAIL.fullmatch(identifier) else "id": identifier}


def listed(given: Sequence[object], by: str) -> list[str]:
    """Return a list of identifiers of one kind, each once, a `cio_id` without its prefix.

    A whole number stands for its digits. Raises InputError naming the place in `ids`.
    """
    found: list[str] = []
    for place, value in enumerate(given):
        identifier = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(identifier, str) or not identifier.strip() or "\0" in identifier:
            raise InputError(f"ids[{place}]", "This is not an identifier.", "Send texts.")
        check_size(f"ids[{place}]", "The identifier", identifier, IDENTIFIER_BYTES)
        found.append(identifier.removeprefix(_CIO_PREFIX) if by == "cio_id" else identifier)
    return list(dict.fromkeys(found))
