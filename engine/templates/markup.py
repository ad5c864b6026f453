"""Text out of HTML, in time that grows with its length only.

People's data ends up in what is stripped here, and parsers that look ahead for the end of every unclosed tag take
minutes over a few hundred kilobytes of `<a <a <a`.
"""

from __future__ import annotations

import re
from html import unescape
from html.entities import html5
from typing import Final

_HIDDEN: Final = tuple(
    (re.compile(opening, re.IGNORECASE), re.compile(closing, re.IGNORECASE))
    for opening, closing in (
        ("<!--", "-->"),
        (r"<script\b", r"</script\s?>"),
        (r"<style\b", r"</style\s?>"),
        (r"<head\b", r"</head\s?>"),
    )
)
TAG: Final = re.compile(r"<(/?)([a-zA-Z!?][^\s<>/]*)([^<>]*)>")
"""One tag: slash, name, attributes."""

_LONG_NUMBER: Final = re.compile("&#(?=[0-9]{9})0*+([0-9]{0,8}+)[0-9]*+")
_REFERENCE: Final = re.compile(r"&(?:#(?:[0-9]++|x[0-9a-f]++);?|([a-z][a-z0-9]*+(?:;|(?!=))))", re.IGNORECASE)


def visible(html: str) -> str:
    """The HTML without comments, scripts, style sheets and its head."""
    for opening, closing in _HIDDEN:
        kept, at = [], 0
        while (start := opening.search(html, at)) and (end := closing.search(html, start.end())):
            kept.append(html[at : start.start()])
            at = end.end()
        html = "".join((*kept, html[at:]))
    return html


def strip_tags(html: str) -> str:
    """The text between the tags, character references untouched."""
    return TAG.sub("", visible(html))


def unescaped(written: str) -> str:
    """What a text says, its character references read.

    Python reads no number of thousands of digits and raises ValueError. No character has more than seven, so eight that
    count are as good as all, and none.
    """
    return unescape(_LONG_NUMBER.sub(r"&#0\1", written))


def attribute_text(written: str) -> str:
    """What the value of an attribute says.

    Not as in a text: there `?a=1&copy=2` would hold a copyright sign. Addresses are full of names behind an `&`, so in
    attributes a name is a character only with its semicolon, or if nothing follows that could belong to it.
    """
    return _REFERENCE.sub(lambda one: html5.get(one[1], one[0]) if one[1] else unescaped(one[0]), written)
