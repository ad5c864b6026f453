"""Jinja2 for those who prefer it, with the same names, the same strictness and the same limits as Liquid."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from typing import Any, Final, NoReturn

from jinja2 import ChainableUndefined, TemplateError, TemplateSyntaxError, Undefined, meta, nodes, pass_context
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from engine.errors import RenderError
from engine.templates.dates import formatted
from engine.templates.faults import SyntaxFault
from engine.templates.jinja_grammar import BOUNDED, ROUNDS, TAGS, fitted
from engine.templates.limits import Budget, refuse_growth, refuse_output, refuse_size
from engine.templates.markup import strip_tags
from engine.templates.missing import missing, written
from engine.templates.reads import Reads
from engine.templates.scope import NAMES

_FILTERS: Final = (
    *("abs", "capitalize", "d", "default", "dictsort", "e", "escape", "first", "float", "forceescape", "int", "items"),
    *("join", "last", "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "replace", "reverse"),
    *("safe", "select", "selectattr", "sort", "sum", "title", "trim", "truncate", "unique", "upper", "urlencode"),
)  # the others of Jinja can pad, repeat or format to any size
_UNKNOWN_TAG: Final = re.compile(r"Encountered unknown tag '([^']+)'")
_BUDGET: Final = " budget"  # with a space, so that no template can name it


class Missing(Undefined):
    """A variable without a value: false in a test, replaced by `default`, an error anywhere else."""

    __slots__ = ()

    def refuse(self, *_: object) -> NoReturn:
        """Raise the RenderError that names the variable."""
        raise missing(self._undefined_name or "a value")

    __str__ = __len__ = __iter__ = __int__ = __float__ = refuse

    def __getitem__(self, key: object) -> Missing:  # type: ignore[override]
        return Missing(name=f"{self._undefined_name}.{key}")

    def __eq__(self, other: object) -> bool:
        return other is None or isinstance(other, Undefined)

    def __hash__(self) -> int:
        return hash(None)

    def _no(self, _: object) -> bool:
        return False

    __contains__ = __lt__ = __le__ = __gt__ = __ge__ = _no  # type: ignore[assignment]

    def __bool__(self) -> bool:
        return False


class Branch(dict[str, Any]):
    """A part of the scope that knows its own name, for the sake of error messages."""

    __slots__ = ("path",)

    def __init__(self, data: Mapping[str, Any], path: tuple[object, ...]) -> None:
        super().__init__(data)
        self.path = path


class _Environment(SandboxedEnvironment):
    intercepted_binops = frozenset("+*%")

    def getattr(self, obj: object, attribute: str) -> object:
        return self.getitem(obj, attribute)

    def getitem(self, obj: object, argument: object) -> object:
        """An item, never a Python attribute: `customer.items` is what the person has under "items"."""
        if isinstance(obj, LoopContext):
            return super().getattr(obj, str(argument))
        if isinstance(obj, ChainableUndefined | Missing):
            return obj[argument]  # type: ignore[index]
        path = (*(obj.path if isinstance(obj, Branch) else ()), argument)
        value = _item(obj, argument)
        if value is None:
            return Missing(name=written(path))
        return Branch(value, path) if isinstance(value, Mapping) else value

    def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
        """Calculate with numbers; texts and lists can be added up to their limit, never multiplied."""
        for value in (left, right):
            if isinstance(value, Missing):
                value.refuse()
            if operator != "+" and not isinstance(value, (int, float)):
                raise RenderError(f"`{operator}` needs two numbers")
        result: object = super().call_binop(context, operator, left, right)
        refuse_size(result)
        return result


def _item(obj: object, key: Any) -> object:
    try:
        return obj[key] if isinstance(obj, (Mapping, list, tuple, str)) else None
    except (LookupError, TypeError):
        return None


def _gated(name: str, function: Callable[..., object]) -> Callable[..., object]:
    wanted = getattr(function, "jinja_pass_arg", None)

    @pass_context
    @wraps(function)
    def gate(context: Context, value: object, *given: object, **named: object) -> object:
        budget: Budget = context[_BUDGET]
        budget.check_time()
        if isinstance(value, Iterator):
            value = list(value)
        for one in (value, *given, *named.values()):
            refuse_size(one)
        refuse_growth(name, value, (*given, *named.values()))
        result = function(*_passed(context, wanted), value, *given, **named)
        refuse_size(result)
        budget.pay(result)
        return budget.paid(result) if isinstance(result, Iterator) else result

    return gate


def _passed(context: Context, wanted: object) -> tuple[object, ...]:
    """What a filter of Jinja's own wants to be given in front of the value."""
    known = {
        None: (),
        "context": (context,),
        "eval_context": (context.eval_ctx,),
        "environment": (context.environment,),
    }
    return known[getattr(wanted, "name", None)]


@pass_context
def _date(context: Context, value: object, form: str, zone: str | None = None) -> str:
    if isinstance(value, Missing):
        value.refuse()
    return formatted(value, form, zone, context["now"])


@pass_context
def _rounds(context: Context, items: Iterable[object]) -> Iterator[object]:
    if isinstance(items, Missing):
        items.refuse()
    refuse_size(items)
    budget: Budget = context[_BUDGET]
    return budget.rounds(items)


@pass_context
def _bounded(context: Context, value: object) -> object:
    budget: Budget = context[_BUDGET]
    refuse_size(value)
    budget.pay(value)
    return value


def _strip_tags(value: object) -> str:
    return strip_tags(str(value))


def _environment(*, html: bool) -> _Environment:
    environment = _Environment(undefined=Missing, autoescape=html, keep_trailing_newline=True)
    filters: dict[str, Callable[..., object]] = {name: environment.filters[name] for name in _FILTERS}
    filters |= {"date": _date, "round": round, "striptags": _strip_tags}
    environment.filters = {name: _gated(name, function) for name, function in filters.items()}
    environment.filters |= {BOUNDED: _bounded, ROUNDS: _rounds}
    environment.globals = {"range": range}
    return environment


_ENVIRONMENTS: Final = {html: _environment(html=html) for html in (False, True)}

FILTERS: Final = frozenset(_ENVIRONMENTS[False].filters) - {BOUNDED, ROUNDS}
TESTS: Final = frozenset(name for name in _ENVIRONMENTS[False].tests if name.isalpha())
"""What a template may ask with `is`; the signs among them, such as `==`, are for filters."""


class JinjaTemplate:
    """A parsed template. Rendering leaves it unchanged, so one is shared by all messages."""

    def __init__(self, source: str, *, html: bool) -> None:
        """Parse; raises SyntaxFault."""
        self._html = html
        environment = _ENVIRONMENTS[html]
        try:
            tree = environment.parse(source)
            _refuse_unknown(tree)
            outputs = [one for one in tree.body if isinstance(one, nodes.Output)]
            self._printed = {_printed(printed) for one in outputs for printed in one.nodes}
            tree = fitted(tree)
            self._names = meta.find_undeclared_variables(tree)
            self._template = environment.from_string(tree)
        except TemplateSyntaxError as error:
            raise _fault((error.message or "the syntax is wrong").rstrip("."), error.lineno) from error
        except RecursionError as error:
            raise SyntaxFault("the template is nested too deeply") from error

    def faults(self, source: str) -> Iterator[SyntaxFault]:
        """Names that do not exist, each with its first line; unknown filters and tests are found by parsing."""
        for name in sorted(self._names - NAMES - {"range"}):
            yield SyntaxFault.unknown_name(name, _line(name, source))

    def reads(self, source: str) -> Reads:
        """What a rendering looks up."""
        names = self._names - {"range"}
        lines = {name: _line(name, source) if "\n" in source else None for name in names}
        return Reads(lines=lines, printed=names & self._printed)

    def render(self, variables: Mapping[str, Any]) -> str:
        """The text; raises RenderError."""
        budget = Budget()
        data = {"customer": ChainableUndefined(name="customer"), _BUDGET: budget}
        for name, value in variables.items():
            data[name] = Branch(value, (name,)) if isinstance(value, Mapping) else value
        if self._html and "content" in data:
            data["content"] = Markup(data["content"])  # noqa: S704 - rendered with escaping already
        chunks: list[str] = []
        size = 0
        try:
            for chunk in self._template.generate(data):
                budget.check_time()
                size += len(chunk.encode())
                refuse_output(size)
                chunks.append(chunk)
        except TemplateError as error:
            raise RenderError(error.message or type(error).__name__) from error
        return "".join(chunks)


def _line(name: str, source: str) -> int | None:
    """The first line with a name, as far as one can say of a text: its tree does not keep them all."""
    return next((at for at, line in enumerate(source.split("\n"), 1) if name in line), None)


def _printed(node: nodes.Expr) -> str | None:
    """The name that an expression prints and gives no default; None if it prints none."""
    while isinstance(node, nodes.Getattr | nodes.Getitem | nodes.Filter) and node.node is not None:
        if isinstance(node, nodes.Filter) and node.name in ("default", "d"):
            return None
        node = node.node
    return str(node.name) if isinstance(node, nodes.Name) else None


def _fault(said: str, line: int) -> SyntaxFault:
    """What the parser says, and for a word that begins no statement, the one that was meant."""
    unknown = _UNKNOWN_TAG.fullmatch(said)
    return SyntaxFault.unknown("tag", unknown[1], TAGS, line) if unknown else SyntaxFault(said, line)


def _refuse_unknown(tree: nodes.Template) -> None:
    """Filters and tests that do not exist. Jinja's compiler would let those pass that stand behind an `if`."""
    for kind, node_type, known in (("filter", nodes.Filter, FILTERS), ("test", nodes.Test, TESTS)):
        for node in tree.find_all(node_type):
            if node.name not in known:
                raise SyntaxFault.unknown(kind, node.name, known, node.lineno)
