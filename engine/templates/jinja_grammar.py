"""The part of Jinja2 that templates may use, and the places where limits are put into it.

Calling methods, macros, captured output, lists of lists: each is a way around a limit on size or time. They are
refused when the template is parsed, so the author hears of it and not the person's mail.
"""

from __future__ import annotations

from functools import reduce
from typing import Final

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

from engine.templates.faults import SyntaxFault

TAGS: Final = frozenset({"autoescape", "for", "if", "print", "raw", "set", "with"})
"""What a template may begin a statement with: those of Jinja without the forbidden ones below."""
ROUNDS: Final = "_rounds"
"""Filter put before every loop: pays for each round."""
BOUNDED: Final = "_bounded"
"""Filter put behind every concatenation: refuses what grew too large."""

_FORBIDDEN: Final = {
    nodes.Macro: "macros are not available",
    nodes.CallBlock: "macros are not available",
    nodes.Include: "a template cannot load another one",
    nodes.Import: "a template cannot load another one",
    nodes.FromImport: "a template cannot load another one",
    nodes.Extends: "a template cannot load another one",
    nodes.Block: "blocks are not available",
    nodes.AssignBlock: "a block cannot be captured",
    nodes.FilterBlock: "a block cannot be filtered as a whole",
    nodes.Pow: "`**` is not available",
    nodes.Dict: "a template cannot make a dict",
}
_DEPTH: Final = 60  # levels of the syntax tree; Python takes seconds to compile what is nested much deeper


def fitted(tree: nodes.Template) -> nodes.Template:
    """The template with its limits in place; raises SyntaxFault."""
    for kind, problem in _FORBIDDEN.items():
        if found := tree.find(kind):
            raise SyntaxFault(problem, found.lineno)
    fit: nodes.Template = _Fit().visit(tree)
    level: list[nodes.Node] = [fit]
    for _ in range(_DEPTH):
        level = [child for node in level for child in node.iter_child_nodes()]
    if level:
        raise SyntaxFault("the template is nested too deeply", level[0].lineno)
    return fit


class _Fit(NodeTransformer):
    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - the visitor's naming
        if isinstance(node.node, nodes.Name) and node.node.name == "range":
            return self.generic_visit(node)
        raise SyntaxFault("only `range` can be called", node.lineno, "Use a filter instead.")

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        node.iter = nodes.Filter(node.iter, ROUNDS, [], [], None, None, lineno=node.lineno)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)

        def pair(left: nodes.Expr, right: nodes.Expr) -> nodes.Expr:
            both = nodes.Concat([left, right], lineno=node.lineno)
            return nodes.Filter(both, BOUNDED, [], [], None, None, lineno=node.lineno)

        return reduce(pair, node.nodes)

    def visit_List(self, node: nodes.List) -> nodes.Node:  # noqa: N802
        return self._constant(node, node.items)

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:  # noqa: N802
        return node if node.ctx == "store" else self._constant(node, node.items)

    def _constant(self, node: nodes.Node, items: list[nodes.Expr]) -> nodes.Node:
        if all(isinstance(item, nodes.Const) for item in items):
            return node
        # A list that holds a variable many times over prints to any size.
        raise SyntaxFault("a list in a template may hold only texts and numbers", node.lineno)
