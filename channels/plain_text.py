"""An email without a text part looks like spam to filters and like nothing on a watch, so one is made from the HTML."""

from __future__ import annotations

import re
from typing import Final

from engine.templates.markup import TAG, attribute_text, unescaped, visible

_BLOCKS: Final = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "dd", "div", "dl", "dt", "figure", "footer", "form"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "nav", "ol", "p", "pre", "section"),
        *("table", "tbody", "tfoot", "thead", "ul"),
    )
)
_HREF: Final = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_SPACES: Final = re.compile(r"[ \t\r\f\v\xa0]+")
_GAP: Final = re.compile(r"\n{3,}")


def plain_text(html: str) -> str:
    """The words of a page, a line per block, links with their address behind them."""
    parts: list[str] = []
    link = ""
    at = 0
    html = visible(html)
    for tag in TAG.finditer(html):
        parts.append(_words(html[at : tag.start()]))
        at = tag.end()
        closing, name, attributes = tag[1], tag[2].lower(), tag[3]
        if name == "a":
            if closing and link:
                parts.append(f" ({link})")
            href = None if closing else _HREF.search(attributes)
            link = attribute_text(href[1] or href[2] or href[3] or "") if href else ""
        elif name == "br":
            parts.append("\n")
        elif name in ("td", "th"):
            parts.append(" ")
        elif name in ("li", "tr"):
            parts.append("" if closing else "\n- " if name == "li" else "\n")
        elif name in _BLOCKS:
            parts.append("\n\n")
    parts.append(_words(html[at:]))
    lines = (_SPACES.sub(" ", line).strip() for line in "".join(parts).split("\n"))
    return _GAP.sub("\n\n", "\n".join(lines)).strip()


def _words(html: str) -> str:
    return unescaped(html.replace("\n", " "))
