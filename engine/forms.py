"""A form sends flat texts under names of its own; somebody has to say who that is and which attributes they are.

A field is written to the attribute of its name, or to the one that the form's mapping gives (behaviour 1.84). Who
submitted is the one field that ends up as `id` or `email` (1.82).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engine.addresses import valid_address
from engine.errors import DocumentError, Fault, InputError

RESERVED: Final = frozenset({"form_id", "form_name", "form_type", "form_url", "form_url_param"})
"""Fields that speak of the form itself and are ignored (behaviour 1.85)."""

LONGEST_NAME: Final = 150
"""Bytes of a form's id, a field's name and an attribute's name."""

LONGEST_IDENTIFIER: Final = 150
"""Bytes of an id or email."""

_IDENTIFIERS: Final = ("id", "email")

_CONTROLS: Final = frozenset({"cio_id", "cio_relationships", "_update", "_timestamp"})
"""Attributes that steer an identify. A form must not: such a field is only data of the submission."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A submission that says who it is of. `who` has one key, `id` or `email`."""

    who: Mapping[str, str]
    attributes: Mapping[str, str]
    """Without the one that names the person."""


def read(fields: Mapping[str, str], mapping: Mapping[str, str]) -> Submission:
    """Read the fields of a submission.

    Args:
        fields: name to text, without the reserved ones.
        mapping: field to attribute; whatever is not in it keeps its name.

    Raises:
        InputError: nobody is named, or by both identifiers, or the email is no address (behaviour 1.82).
    """
    written = {mapping.get(name, name): value for name, value in fields.items() if name not in mapping}
    written |= {mapping[name]: value for name, value in fields.items() if name in mapping}
    named = [kind for kind in _IDENTIFIERS if written.get(kind, "").strip()]
    if not named:
        remedy = "Send an `id` or an `email`, or map a field of the form to one of them."
        raise InputError("data", "The submission does not say who it is of.", remedy)
    if len(named) > 1:
        raise InputError("data", "The submission names a person by both `id` and `email`.", "Send one of them.")
    [kind] = named
    identifier = written[kind].strip()
    if len(identifier.encode()) > LONGEST_IDENTIFIER:
        problem = f"The {kind} is {len(identifier.encode())} bytes long."
        raise InputError(f"data.{kind}", problem, f"Send at most {LONGEST_IDENTIFIER} bytes.")
    if kind == "email" and ("<" in identifier or not valid_address(identifier)):
        raise InputError("data.email", "The email is no address.", "Send an address such as ada@example.com.")
    kept = {name: value for name, value in written.items() if name not in _CONTROLS and name not in _IDENTIFIERS}
    return Submission(who={kind: identifier}, attributes=kept)


def check_mapping(mapping: Mapping[str, str]) -> None:
    """Raise DocumentError unless each field goes to an attribute of its own, and to one that a form may write."""
    faults = []
    for field, attribute in mapping.items():
        place = f"mapping.{field}"
        if not _is_name(field):
            faults.append(Fault(place=place, problem="This is no name of a field.", remedy=_LENGTH))
        elif field in RESERVED:
            remedy = f"{', '.join(sorted(RESERVED))} are ignored in every submission."
            faults.append(Fault(place=place, problem="This field speaks of the form itself.", remedy=remedy))
        if not _is_name(attribute):
            faults.append(Fault(place=place, problem="This is no name of an attribute.", remedy=_LENGTH))
        elif attribute in _CONTROLS:
            problem = f"`{attribute}` is no attribute that a form can write."
            faults.append(Fault(place=place, problem=problem, remedy="Choose another name."))
    attributes = list(mapping.values())
    for attribute in sorted({one for one in attributes if attributes.count(one) > 1}):
        fields = ", ".join(sorted(field for field, one in mapping.items() if one == attribute))
        problem = f"Several fields go to `{attribute}`: {fields}."
        faults.append(Fault(place="mapping", problem=problem, remedy="Map one field to an attribute."))
    if faults:
        raise DocumentError(faults)


def _is_name(text: str) -> bool:
    return 0 < len(text.encode()) <= LONGEST_NAME and "\0" not in text


_LENGTH: Final = f"Names have 1 to {LONGEST_NAME} bytes."
