"""Some things are decided by lot, and a lot must not be drawn twice: not after a restart, and not because of an edit.

So nothing is drawn and kept. The lot is computed of the journey and the block it stands at, and is there whenever it is
asked for. Another journey of the same person has another number, and with it another lot (behaviour 6.93, 6.103).
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

_BYTES: Final = 6
"""48 bits: fine enough for any share, and few enough for a float to hold them exactly, always below 100."""


def draw(journey: int, block: str) -> float:
    """Return a number from 0 up to, but not including, 100: the same for one journey and block, even over many.

    Whoever is below a share has won it; so a larger share takes in more journeys, and lets go of none.
    """
    digest = blake2b(f"{journey}:{block}".encode(), digest_size=_BYTES).digest()
    return int.from_bytes(digest) * 100 / 256**_BYTES
