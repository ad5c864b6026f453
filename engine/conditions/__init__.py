"""One language for every question about a person or an event: segments, filters, event data, branches, actions.

A document is read once by `parse` into a frozen tree, and everything else works on the tree. See `docs/conditions.md`.
"""

from __future__ import annotations

from engine.conditions.beginning import begins_at
from engine.conditions.compiling import Check, compile_condition, holds
from engine.conditions.explaining import describe, explain
from engine.conditions.facts import MISSING, Facts
from engine.conditions.parsing import Scope, parse, parse_event_data
from engine.conditions.paths import EACH, Path
from engine.conditions.questions import question_document, question_from
from engine.conditions.schema import json_schema
from engine.conditions.timing import compile_outlook, next_change
from engine.conditions.touching import Touches, touches
from engine.conditions.tree import (
    All,
    AnyOf,
    Condition,
    HasDevice,
    InSegment,
    Leaf,
    Performed,
    Question,
    Relative,
    SameItem,
    Subject,
    is_empty,
)
from engine.conditions.writing import document

__all__ = [
    "EACH",
    "MISSING",
    "All",
    "AnyOf",
    "Check",
    "Condition",
    "Facts",
    "HasDevice",
    "InSegment",
    "Leaf",
    "Path",
    "Performed",
    "Question",
    "Relative",
    "SameItem",
    "Scope",
    "Subject",
    "Touches",
    "begins_at",
    "compile_condition",
    "compile_outlook",
    "describe",
    "document",
    "explain",
    "holds",
    "is_empty",
    "json_schema",
    "next_change",
    "parse",
    "parse_event_data",
    "question_document",
    "question_from",
    "touches",
]
