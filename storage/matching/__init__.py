"""Conditions as SQL: asked of a million people at once, in the very sense in which they are asked of one.

SQL answers what it can say exactly: true or false. Where only Python can say (a pattern, a date or number as text) it
answers NULL, which AND, OR and NOT carry on by themselves, and whoever asked looks at those few people one by one.
"""

from __future__ import annotations

from storage.matching.arguments import Arguments
from storage.matching.people import Asked, ask, judged

__all__ = ["Arguments", "Asked", "ask", "judged"]
