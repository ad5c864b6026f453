"""An email's links are led through us and an image is added, and not a letter of the rest may change.

Other people's HTML is seldom sound, and mail programs are picky about it: parsing it and writing it anew would repair
what they rely on. So this finds tags as browsers do (HTML standard, 13.2.5: quotes, comments, raw text) and replaces
nothing but the addresses in place, in time that grows with the length only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from string import punctuation
from typing import Final
from urllib.parse import quote

from engine.templates.markup import attribute_text

LONGEST: Final = 2000
"""Bytes of an address that is tracked, as it travels: its link and the redirect then pass every proxy."""

UNTRACKED: Final = "data-track"
"""An element with this attribute and the value `false` keeps its address."""

_SPACE: Final = "[ \t\n\f\r]"
_NAME: Final = "[^ \t\n\f\r/>][^ \t\n\f\r/>=]*+"
_BARE: Final = "[^\"'> \t\n\f\r][^> \t\n\f\r]*+"
_VALUE: Final = rf"""(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|{_BARE}|(?=>))"""
_ATTRIBUTES: Final = rf"(?:[ \t\n\f\r/]++|{_NAME}(?:{_SPACE}*+={_SPACE}*+{_VALUE})?+)*+"
_HIDDEN: Final = "script|style|textarea|title|xmp|iframe|noembed|noframes"

# Whatever is left open reaches to the end, so that each letter is looked at once. Nothing is ever tried another way.
_MARKUP: Final = re.compile(
    rf"<!--(?:-?>|.*?(?:--!?>|\Z))"
    rf"|<(?:[!?]|/(?![a-z]))[^>]*+(?:>|\Z)"
    rf"|<(?P<hidden>{_HIDDEN})(?=[ \t\n\f\r/>]){_ATTRIBUTES}>.*?(?:</(?P=hidden)(?=[ \t\n\f\r/>])|\Z)"
    rf"|<(?P<slash>/?+)(?P<name>[a-z][^ \t\n\f\r/>]*+)(?P<attributes>{_ATTRIBUTES})(?P<end>>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_ATTRIBUTE: Final = re.compile(
    rf"""(?P<name>{_NAME})(?:{_SPACE}*+={_SPACE}*+(?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)'|(?P<bare>{_BARE})))?+"""
)
_IGNORED: Final = re.compile("[\t\n\r]")
_WEB: Final = re.compile(r"https?://[^/?#\s]", re.IGNORECASE)
_MENDED: Final = re.compile(r"[\x00-\x1f\x7f\\]")
"""What browsers mend each in its way: whoever writes it into a redirect may lead to another host than they do."""

_LINKS: Final = ("a", "area")


def tracked(html: str, *, link: Callable[[str], str], image: str) -> str:
    """Return an email's HTML with its links to the web led elsewhere, and an image at the end of its body.

    Args:
        html: as rendered.
        link: gives the address of the link that leads to an address.
        image: address of the image. Both hold nothing that HTML would read otherwise.
    """
    parts: list[str] = []
    at, end_of_body = 0, None
    for tag in _MARKUP.finditer(html):
        name = (tag["name"] or "").lower()
        if name in _LINKS and not tag["slash"] and tag["end"]:
            for start, end, text in _changes(html, tag, link):
                parts += (html[at:start], text)
                at = end
        elif name == "body" and tag["slash"]:
            parts.append(html[at : tag.start()])
            at, end_of_body = tag.start(), len(parts)
    parts.append(html[at:])
    pixel = f'<img src="{image}" alt="" width="1" height="1" style="width:1px;height:1px;border:0">'
    parts.insert(len(parts) if end_of_body is None else end_of_body, pixel)
    return "".join(parts)


def _changes(html: str, tag: re.Match[str], link: Callable[[str], str]) -> Iterator[tuple[int, int, str]]:
    """Yield what is to be replaced in the tag of a link: from where to where, and by what."""
    found: dict[str, re.Match[str]] = {}
    for attribute in _ATTRIBUTE.finditer(html, *tag.span("attributes")):
        found.setdefault(attribute["name"].lower(), attribute)  # of two that are called alike the first counts
    untracked, href = found.get(UNTRACKED), found.get("href")
    if untracked is not None and html[slice(*_value(untracked))].lower() == "false":
        yield (*untracked.span(), "")
    elif href is not None and (address := _address(html[slice(*_value(href))])) is not None:
        yield (*_value(href), link(address))


def _value(attribute: re.Match[str]) -> tuple[int, int]:
    """Return where the value of an attribute stands, without its quotes."""
    written = next((kind for kind in ("double", "single", "bare") if attribute[kind] is not None), None)
    return attribute.span(written) if written else (attribute.end(), attribute.end())


def _address(href: str) -> str | None:
    """Return the address that a browser would go to, if it is one on the web that can be tracked (behaviour 7.13)."""
    address = _IGNORED.sub("", attribute_text(href)).strip(" \f")
    if not _WEB.match(address) or _MENDED.search(address) or _travelling(address) > LONGEST:
        return None
    return address


def _travelling(address: str) -> int:
    """Return how many bytes an address has where each byte that is not ASCII takes three, as in a redirect."""
    return len(quote(address, safe=punctuation))
