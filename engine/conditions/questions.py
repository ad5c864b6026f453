"""What is counted of people's events is stored by itself, because its counts outlive the segments that ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.conditions.parsing import Scope, parse
from engine.conditions.performing import known_question
from engine.conditions.tree import Performed, Question
from engine.conditions.writing import document
from engine.errors import DocumentError, Fault


def question_document(question: Question) -> dict[str, Any]:
    """Return the form that is stored: `{"event": "purchase", "where": [...], "newest": 3}`."""
    return {**document(Performed(question))["performed"], "newest": question.newest}


def question_from(stored: Mapping[str, Any]) -> Question:
    """Return the question that `question_document` wrote.

    Raises:
        DocumentError: it cannot be read, so another release wrote it.
    """
    faults: list[Fault] = []
    asked = {key: value for key, value in stored.items() if key != "newest"}
    condition = parse({"performed": asked}, place="", scope=Scope.PERSON, faults=faults)
    if not isinstance(condition, Performed):
        raise DocumentError(faults)
    return known_question(replace(condition.question, newest=stored["newest"]))
