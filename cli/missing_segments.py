"""The API is asked about one document at a time, and misses segments that the files beside it bring.

Applied together these are saved first, so what the API says for want of them is not said again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from api.schemas.segments import SegmentOut
from cli.documents import DocumentFile
from engine.campaigns import Campaign
from engine.review import Finding, review, review_segment


def without_mended(
    found: Sequence[Finding], document: DocumentFile, existing: Sequence[SegmentOut], brought: Mapping[str, bool]
) -> list[Finding]:
    """Return the findings of the API about a document without those that go away once the files are saved.

    Args:
        found: what the API says of the document alone.
        document: which it is about.
        existing: the segments that the API knows.
        brought: keys of those that the files define, with whether they are manual.
    """
    archived = {one.key for one in existing if one.state == "archived"}
    known = {one.key for one in existing}
    manual = {one.key for one in existing if one.kind == "manual"}
    alone = _reviewed(document, known, archived, manual)
    new = brought.keys() - known
    new_manual = {key for key in new if brought[key]}
    mended = alone - _reviewed(document, known | new, archived, manual | new_manual)
    return [finding for finding in found if finding not in mended]


def _reviewed(
    document: DocumentFile, known: AbstractSet[str], archived: AbstractSet[str], manual: AbstractSet[str]
) -> frozenset[Finding]:
    meaning = document.meaning
    if isinstance(meaning, Campaign):
        return frozenset(review(meaning, known_segments=known, archived_segments=archived, manual_segments=manual))
    return frozenset(review_segment(meaning, known=known, archived=archived))
