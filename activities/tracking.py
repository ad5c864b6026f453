"""What is kept of a message is what it says; only what is handed over leads its links through us.

So whoever looks at a delivery sees the real addresses, and a message that is sent again has the same links as before.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from channels.plain_text import plain_text
from engine.tracked_html import tracked
from engine.tracked_links import TrackedLinks


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracker:
    """Where recipients reach us: under `public_url` (without a slash at its end), at the paths of `links`."""

    public_url: str
    links: TrackedLinks

    def click(self, delivery: str, address: str) -> str:
        """Return the address of a link of a delivery."""
        return self.public_url + self.links.click(delivery, address)

    def open(self, delivery: str) -> str:
        """Return the address of the image of a delivery."""
        return self.public_url + self.links.open(delivery)


def as_handed_over(tracker: Tracker | None, delivery: str, content: dict[str, Any]) -> dict[str, Any]:
    """Return a message with its links and its image, if it is to be tracked and we know how (behaviour 7.11, 7.15).

    Args:
        tracker: None tracks nothing.
        delivery: name of the delivery for the outside.
        content: in the JSON form in which the delivery keeps it.
    """
    html = content.get("html")
    if tracker is None or html is None or not content.get("tracking"):
        return content
    links = partial(tracker.click, delivery)
    # A text that is made of the HTML is made before, so that it shows where the links lead.
    text = plain_text(html) if content["text"] is None else content["text"]
    return {**content, "html": tracked(html, link=links, image=tracker.open(delivery)), "text": text}
