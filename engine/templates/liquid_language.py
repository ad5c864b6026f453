"""Liquid as the growth team writes it, made strict about what is missing and limited in what it may cost.

Parser and filters are python-liquid's. Ours are the context, which resolves names (absent and null become `Missing`,
which can be tested but not printed) and stands before every filter, and one pass over the parsed template that fits
loops with limits and lets `== blank` and `== empty` hold for what is missing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, NoReturn

from liquid import BoundTemplate, Environment, Expression, Markup, Node, RenderContext, Token, Undefined
from liquid.builtin.expressions import FilteredExpression, LoopExpression, Path
from liquid.builtin.expressions.logical import EqExpression, NeExpression
from liquid.builtin.expressions.primitive import Blank, Empty
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.for_tag import ForLoop
from liquid.builtin.tags.tablerow_tag import TableRow
from liquid.exceptions import LiquidError, OutputStreamLimitError
from liquid.filter import string_filter, with_context
from liquid.undefined import UNDEFINED

from engine.errors import RenderError
from engine.templates.dates import formatted
from engine.templates.faults import SyntaxFault
from engine.templates.limits import OUTPUT_BYTES, Budget, refuse_growth, refuse_output, refuse_size
from engine.templates.markup import strip_tags
from engine.templates.missing import missing, written
from engine.templates.reads import Reads
from engine.templates.scope import NAMES

_PAIRS: Final = tuple(
    (re.compile(opening), re.compile(closing))
    for opening, closing in (
        (r"\{\{", r"\}\}"),
        (r"\{%", r"%\}"),
        (r"\{%-?\s*raw\b", r"\bendraw\b"),
        (r"\{%-?\s*doc\b", r"\benddoc\b"),
    )
)
_UNCLOSED: Final = 20  # a few may be meant as text


class Missing(Undefined):
    """A variable without a value: false in a test, replaced by `default`, an error anywhere else."""

    __slots__ = ()
    force_liquid_default = True

    def refuse(self) -> NoReturn:
        """Raise the RenderError that names the variable."""
        source = self.token.source if self.token else ""
        line = source.count("\n", 0, self.token.start_index) + 1 if self.token and "\n" in source else None
        raise missing(self.name, line)

    def __getitem__(self, key: object) -> NoReturn:
        raise KeyError(key)

    def __str__(self) -> str:
        self.refuse()

    def __len__(self) -> int:
        self.refuse()

    def __iter__(self) -> Iterator[Any]:
        self.refuse()

    def __int__(self) -> int:
        self.refuse()


class Context(RenderContext):
    """One rendering: its names and its budget."""

    __slots__ = ("budget",)

    def __init__(self, template: BoundTemplate, **state: Any) -> None:
        super().__init__(template, **state)
        self.budget = Budget()

    def get(self, path: list[object], *, token: Token | None, default: object = UNDEFINED) -> object:
        """The value at a path; what is absent or null is Missing under its full name."""
        value = super().get(path, token=token, default=None)
        if value is not None:
            return value
        return Missing(written(path), token=token) if default is UNDEFINED else default

    def assign(self, key: str, val: object) -> None:
        """Set a variable; the size of all of them is counted anew each time, which takes its time too."""
        self.budget.check_time()
        super().assign(key, val)

    def filter(self, name: str, token: Token | None) -> Callable[..., object]:
        """The filter of that name behind our gate. `default` needs none: it is made for what is missing."""
        function = super().filter(name, token)
        return function if name == "default" else partial(self._through, name, function)

    def _through(self, name: str, function: Callable[..., object], *given: object, **named: object) -> object:
        self.budget.check_time()
        for value in (*given, *named.values()):
            if isinstance(value, Missing):
                value.refuse()
            refuse_size(value)
        refuse_growth(name, given[0], given[1:])
        result = function(*given, **named)
        refuse_size(result)
        return Missing(f"the result of `{name}`") if result is None else result

    @contextmanager
    def loop(self, namespace: Mapping[str, object], forloop: ForLoop | TableRow) -> Iterator[RenderContext]:
        """Enter a loop whose rounds are paid for."""
        forloop.it = self.budget.rounds(forloop.it)
        with super().loop(namespace, forloop) as context:
            yield context


class _Wrapped(Expression):
    """An expression whose value is looked at once more."""

    __slots__ = ("inner",)

    def __init__(self, inner: Expression) -> None:
        super().__init__(inner.token)
        self.inner = inner

    def __str__(self) -> str:
        return str(self.inner)

    def children(self) -> Iterable[Expression]:
        return (self.inner,)


class _Limited(_Wrapped):
    """What a loop goes through: refused if too long, before anything makes a list of it."""

    __slots__ = ()

    def evaluate(self, context: RenderContext) -> object:
        value = self.inner.evaluate(context)
        refuse_size(value)
        return value


class _OrEmpty(_Wrapped):
    """What is compared with `blank` or `empty`: the empty text if it is missing."""

    __slots__ = ()

    def evaluate(self, context: RenderContext) -> object:
        value = self.inner.evaluate(context)
        return "" if isinstance(value, Undefined) else value


class _Template(BoundTemplate):
    context_class = Context


class _Environment(Environment):
    template_class = _Template
    output_stream_limit = OUTPUT_BYTES
    local_namespace_limit = OUTPUT_BYTES  # variables may together hold as much as the output


@with_context
def _date(value: object, form: str, zone: str | None = None, *, context: RenderContext) -> str:
    now = context.resolve("now")
    return formatted(value, form, zone, now)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _environment(*, html: bool) -> Environment:
    environment = _Environment(undefined=Missing, autoescape=html)
    for tag in ("include", "render"):  # there are no files, and no templates besides this one
        del environment.tags[tag]
    environment.add_filter("date", _date)
    environment.add_filter("json", _json)
    environment.add_filter("strip_html", string_filter(strip_tags))
    return environment


_ENVIRONMENTS: Final = {html: _environment(html=html) for html in (False, True)}

FILTERS: Final = frozenset(_ENVIRONMENTS[False].filters)
TAGS: Final = frozenset(_ENVIRONMENTS[False].tags) - {"content", "illegal", "output"} | {"raw"}
"""What a template may begin a tag with. The parser registers three more of its own, and reads `raw` before it."""
_TAG_WORDS: Final = TAGS | {f"end{tag}" for tag in TAGS} | {"else", "elsif", "when"}
_UNEXPECTED_TAG: Final = re.compile(r"unexpected tag '([^']+)'")


class LiquidTemplate:
    """A parsed template. Rendering leaves it unchanged, so one is shared by all messages."""

    def __init__(self, source: str, *, html: bool) -> None:
        """Parse; raises SyntaxFault."""
        self._html = html
        _refuse_unclosed(source)
        try:
            self._template = _ENVIRONMENTS[html].from_string(source)
        except LiquidError as error:
            raise _fault(str(error.message), _line(source, error.token)) from error
        _fit(self._template.nodes, RenderContext(self._template))

    def faults(self, source: str) -> Iterator[SyntaxFault]:
        """Names and filters that do not exist, each with its first line."""
        analysis, filters = self._template.analyze(), self._template.env.filters
        for name, spans in analysis.filters.items():
            if name not in filters:
                yield SyntaxFault.unknown("filter", name, filters, source.count("\n", 0, spans[0].index) + 1)
        for name, uses in analysis.globals.items():
            if name not in NAMES:
                yield SyntaxFault.unknown_name(name, source.count("\n", 0, uses[0].span.index) + 1)

    def reads(self, source: str) -> Reads:
        """What a rendering looks up."""
        lines = {
            name: source.count("\n", 0, uses[0].span.index) + 1 if "\n" in source else None
            for name, uses in self._template.analyze().globals.items()
        }
        printed = {_printed(node) for node in self._template.nodes}
        return Reads(lines=lines, printed=frozenset(name for name in printed if name in lines))

    def render(self, variables: Mapping[str, Any]) -> str:
        """The text; raises RenderError."""
        data = {"customer": Undefined("customer"), **variables}
        if self._html and "content" in data:
            data["content"] = Markup(data["content"])
        try:
            return self._template.render(data)
        except OutputStreamLimitError:
            refuse_output(OUTPUT_BYTES + 1)
            raise
        except LiquidError as error:
            raise RenderError(str(error.message)) from error


def _printed(node: Node) -> str | None:
    """The name that a piece of a template prints and gives no default; None if it prints none."""
    expression = node.expression if isinstance(node, OutputNode) else None
    if not isinstance(expression, FilteredExpression) or not isinstance(expression.left, Path):
        return None
    filters = [one.name for one in expression.filters or ()]
    return None if filters[:1] == ["default"] else str(expression.left.path[0])


def _refuse_unclosed(source: str) -> None:
    """Openers that nothing closes: the parser would look through the rest of the text for each of them anew."""
    for opening, closing in _PAIRS:
        end = max((match.end() for match in closing.finditer(source)), default=0)
        unclosed = opening.findall(source, end)
        if len(unclosed) > _UNCLOSED:
            raise SyntaxFault(f"`{unclosed[0]}` is opened and never closed", source.count("\n", 0, end) + 1)


def _fault(said: str, line: int | None) -> SyntaxFault:
    """What the parser says, and for a word that no tag begins, ends or is divided with, the one that was meant."""
    unexpected = _UNEXPECTED_TAG.match(said)
    if unexpected is None or unexpected[1] in _TAG_WORDS:
        return SyntaxFault(said, line)
    return SyntaxFault.unknown("tag", unexpected[1], _TAG_WORDS, line)


def _line(source: str, token: Token | None) -> int | None:
    return source.count("\n", 0, token.start_index) + 1 if token and token.start_index >= 0 else None


def _fit(nodes: Iterable[Node], context: RenderContext) -> None:
    for node in nodes:
        for expression in node.expressions():
            _fit_expression(expression)
        _fit(node.children(context), context)


def _fit_expression(expression: Expression) -> None:
    for child in expression.children():
        _fit_expression(child)
    if isinstance(expression, LoopExpression):
        expression.iterable = _Limited(expression.iterable)
    elif isinstance(expression, (EqExpression, NeExpression)):
        if isinstance(expression.right, (Blank, Empty)):
            expression.left = _OrEmpty(expression.left)
        elif isinstance(expression.left, (Blank, Empty)):
            expression.right = _OrEmpty(expression.right)
