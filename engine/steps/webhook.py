"""Other systems hear of a journey by a request, and may answer with something to remember (behaviour 6.35-6.42)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Literal, Self, cast

import orjson

from engine import templates
from engine.conditions.paths import LONGEST_PATH, parse_path
from engine.documents import LONGEST_NAME, LONGEST_TEXT, Fields, shown
from engine.errors import RenderError
from engine.steps import filling
from engine.steps.attribute_fields import (
    FIXED,
    MOST_ATTRIBUTES,
    is_attribute_name,
    name_schema,
    names_said,
)
from engine.steps.message_fields import LONGEST_LINE, SENDING, UNKNOWN_OUTCOMES, read_sending
from engine.steps.reading import Reading
from engine.steps.step import MessageStep, UnknownOutcome
from engine.steps.webhook_content import DEPTH_HEADER, WebhookContent, fault_of
from engine.templates import Scope

Method = Literal["GET", "POST", "PUT", "DELETE", "PATCH"]

METHODS: Final = ("GET", "POST", "PUT", "DELETE", "PATCH")
MOST_HEADERS: Final = 50

_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_OURS: Final = frozenset(
    {
        "connection",
        "content-length",
        "host",
        "idempotency-key",
        DEPTH_HEADER.lower(),
        "te",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers that the sending decides."""
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook(MessageStep):
    """Send a request to another system. All texts are templates."""

    kind: ClassVar[str] = "webhook"
    form: ClassVar[str] = "`webhook: {id: crm, url: …}`"
    channel: ClassVar[str] = "webhook"
    template_fields: ClassVar[tuple[str, ...]] = ("url", "headers", "body")
    withheld_from_unsubscribed: ClassVar[bool] = False
    waits: ClassVar[bool] = False

    name: str
    method: Method = "POST"
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    request_body: Any = field(default=None, hash=False)
    """A text, or the JSON value that is sent."""
    save: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Attribute of the person to the path of its value in a JSON answer."""

    @property
    def needs_person(self) -> bool:
        """Whether it writes to the person of the journey; sent it is in a data campaign too (behaviour 1.96)."""
        return bool(self.save)

    @classmethod
    def parse(cls, reading: Reading) -> Self:
        """Read a webhook; every template is checked."""
        fields = reading.fields
        fields.require("url", 'Write where it goes, such as "https://crm.example/people/{{customer.id}}".')
        method = cast("Method", fields.choice("method", METHODS) or "POST")
        return cls(
            id=reading.id,
            name=fields.name("name") or reading.id,
            method=method,
            url=_read_url(fields),
            headers=_read_headers(fields),
            request_body=_read_body(fields, method),
            save=_read_save(fields),
            sending=read_sending(fields),
            unknown_outcome=cast("UnknownOutcome | None", fields.choice("unknown_outcome", UNKNOWN_OUTCOMES)),
            condition=reading.condition(),
        )

    def body(self) -> dict[str, Any]:
        """Return what differs from a webhook of which nothing is said."""
        written = {
            "name": None if self.name == self.id else self.name,
            "method": None if self.method == "POST" else self.method,
            "url": self.url,
            "headers": dict(self.headers) or None,
            "body": self.request_body,
            "save": dict(self.save) or None,
            "sending": None if self.sending == "automatic" else self.sending,
            "unknown_outcome": self.unknown_outcome,
        }
        return {key: value for key, value in written.items() if value is not None}

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Return the schemas of the webhook's keys."""
        line = {"type": "string", "minLength": 1, "maxLength": LONGEST_LINE}
        return {
            "name": {
                "type": "string",
                "minLength": 1,
                "maxLength": LONGEST_NAME,
                "description": "What operators see. Default: the id.",
            },
            "method": {"enum": list(METHODS), "description": "Default: POST."},
            "url": line | {"description": "Template of an https:// or http:// URL; may hold basic credentials."},
            "headers": {
                "type": "object",
                "propertyNames": {"pattern": f"^{_HEADER_NAME.pattern}$"},
                "additionalProperties": line,
                "maxProperties": MOST_HEADERS,
                "description": "Name to template.",
            },
            "body": {
                "type": ["string", "object", "array"],
                "minLength": 1,
                "description": "A text, or a JSON value whose texts are templates; a single {{ path }} keeps its type.",
            },
            "save": {
                "type": "object",
                "propertyNames": name_schema(),
                "additionalProperties": {"type": "string", "minLength": 1, "maxLength": LONGEST_PATH},
                "minProperties": 1,
                "maxProperties": MOST_ATTRIBUTES,
                "description": "Attribute of the person to the path of its value in a JSON answer.",
            },
            "sending": {"enum": list(SENDING), "description": "automatic (the default) sends it, off skips it."},
            "unknown_outcome": {
                "enum": list(UNKNOWN_OUTCOMES),
                "description": "If a crash leaves it open whether it left: hold (never twice) or resend (never lost). "
                "Default: as the campaign.",
            },
        }

    @classmethod
    def required(cls) -> tuple[str, ...]:
        """Return `url`."""
        return ("url",)

    def compose(self, scope: Scope, *, sender: str | None) -> WebhookContent:  # noqa: ARG002 - of emails
        """Render the request for one journey. Its idempotency key is the public name of the delivery.

        Raises:
            RenderError: a variable is missing, the URL is none that a request can go to, a header has several lines.
        """
        url = templates.render(self.url, scope).strip()
        if (fault := fault_of(url)) is not None:
            raise RenderError(f"`url` cannot be used. {fault}")
        headers = {name: _header(name, templates.render(value, scope)) for name, value in self.headers.items()}
        body = None if self.request_body is None else _text(filling.fill(self.request_body, scope), self.request_body)
        if body is not None and "content-type" not in map(str.lower, headers):
            headers["Content-Type"] = "application/json" if _is_json(body) else "text/plain; charset=utf-8"
        return WebhookContent(
            method=self.method,
            url=url,
            headers=headers,
            body=body,
            idempotency_key=scope.delivery_id,
            save=dict(self.save),
        )


def _text(filled: Any, written: Any) -> str:
    """Return what is sent: a text as it is, and a value as JSON, also where one `{{ path }}` has become a value."""
    return filled if isinstance(written, str) and isinstance(filled, str) else orjson.dumps(filled).decode()


def _is_json(body: str) -> bool:
    """Whether a body is a JSON object or list, as most receivers want it."""
    try:
        return isinstance(orjson.loads(body), dict | list)
    except orjson.JSONDecodeError:
        return False


def _header(name: str, value: str) -> str:
    value = value.strip()
    if _CONTROL.search(value):
        raise RenderError(f"`headers.{name}` has several lines, or a control character.")
    return value


def _read_url(fields: Fields) -> str:
    url = filling.read_template(fields, "url", longest=LONGEST_LINE) or ""
    if url and not filling.is_template(url) and (fault := fault_of(url)) is not None:
        fields.fault("url", f"The URL cannot be used. {fault}", "Write one, such as https://crm.example/people.")
    return url


def _read_headers(fields: Fields) -> dict[str, str]:
    if not fields.has("headers"):
        return {}
    value = fields.take("headers")
    inner = Fields(value, fields.at("headers"), fields.faults)
    names = [name for name in value if isinstance(name, str)] if isinstance(value, Mapping) else []
    if len(names) > MOST_HEADERS:
        fields.fault("headers", f"There are {len(names)} headers.", f"Write at most {MOST_HEADERS}.")
    headers = {}
    for name in names:
        if not _HEADER_NAME.fullmatch(name):
            inner.fault(name, f"{shown(name)} is not the name of a header.", "Write letters, digits and hyphens.")
        elif name.lower() in _OURS:
            inner.fault(name, f"`{name}` is written by the sending itself.", "Leave it out.")
        headers[name] = filling.read_template(inner, name, longest=LONGEST_LINE) or ""
    inner.finish()
    return headers


def _read_body(fields: Fields, method: Method) -> Any:
    value = fields.take("body")
    if value is None:
        return None
    if method == "GET":
        fields.fault("body", "A GET has no body.", "Leave it out, or choose another method.")
    if isinstance(value, str):
        return filling.read_template(fields, "body", longest=LONGEST_TEXT)
    if not isinstance(value, dict | list):
        fields.fault("body", f"This is {shown(value)}, where a body belongs.", "Write a text, or keys with values.")
    filling.check(value, fields.at("body"), fields.faults)
    return value


def _read_save(fields: Fields) -> dict[str, str]:
    if not fields.has("save"):
        return {}
    value = fields.take("save")
    inner = Fields(value, fields.at("save"), fields.faults)
    if not isinstance(value, Mapping) or not 1 <= len(value) <= MOST_ATTRIBUTES:
        remedy = f"Write 1 to {MOST_ATTRIBUTES} `attribute: path` pairs, such as `crm_id: data.id`."
        fields.fault("save", "This does not say what to save.", remedy)
        return {}
    for name, written in value.items():
        if not is_attribute_name(name) or name in FIXED:
            inner.fault(str(name), f"{shown(name)} cannot be set.", names_said(FIXED))
            continue
        path = parse_path(written, inner.at(name), fields.faults)
        if path is not None and path.is_many:
            inner.fault(name, "The path leads to many values.", "Name one of them: items[0].id.")
    return dict(value)
