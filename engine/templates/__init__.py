"""Personalisation: message text with a person's and an event's data filled in, or a reason why it cannot be.

A template is checked once, when it is saved (`check`), and rendered once per message (`render`). Both are pure: the
scope brings everything a template may read, the instant of rendering included.
"""

from engine.templates.overrides import address_overrides
from engine.templates.reads import Reads
from engine.templates.rendering import Language, check, reads, render
from engine.templates.scope import Scope

__all__ = ["Language", "Reads", "Scope", "address_overrides", "check", "reads", "render"]
