"""A link that leads through us must lead where its message said, or anybody could make our address lead anywhere.

So its path carries the address and a signature over it and the delivery. Whoever follows it is sent on without a look
into the record, and a path that was made up or altered is none of ours (behaviour 7.14).

    /t/c/{delivery}/{signature}/{address}    a click; the address in base64
    /t/o/{delivery}/{signature}              an open: the image
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final

CLICKS: Final = "/t/c"
OPENS: Final = "/t/o"

_SIGNATURE_BYTES: Final = 16
"""Of the 32 that the hash has: as hard to guess as a random key of 128 bits, and links stay short."""


class TrackedLinks:
    """Makes the paths of one installation and reads them back. The same link of the same delivery is the same path."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def click(self, delivery: str, address: str) -> str:
        """Return the path of a link to an address. `delivery` is the delivery's name for the outside."""
        target = _encoded(address.encode())
        return f"{CLICKS}/{delivery}/{self._signature('c', delivery, target)}/{target}"

    def open(self, delivery: str) -> str:
        """Return the path of the image whose loading is an open."""
        return f"{OPENS}/{delivery}/{self._signature('o', delivery)}"

    def clicked(self, delivery: str, signature: str, target: str) -> str | None:
        """Return the address that a path of `click` leads to; None if we never made that path."""
        return _decoded(target) if self._is_ours(signature, "c", delivery, target) else None

    def is_open(self, delivery: str, signature: str) -> bool:
        """Whether a path is one of `open`."""
        return self._is_ours(signature, "o", delivery)

    def _is_ours(self, signature: str, *signed: str) -> bool:
        return hmac.compare_digest(self._signature(*signed).encode(), signature.encode())

    def _signature(self, *signed: str) -> str:
        # Parts of a path hold no slash, so no two paths are signed alike.
        digest = hmac.digest(self._secret, "/".join(signed).encode(), hashlib.sha256)
        return _encoded(digest[:_SIGNATURE_BYTES])


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> str:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
