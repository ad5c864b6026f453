"""An email: how it is written, and how it becomes the one message of one person (behaviour 6.10-6.13, 8.12, 8.13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final, Literal, Self, cast

from engine import templates
from engine.addresses import parse_address, split_addresses
from engine.errors import InputError, RenderError
from engine.steps.message_fields import (
    BCC_AS,
    HEADER_NAME,
    LANGUAGES,
    LONGEST_LINE,
    MOST_COPIES,
    SENDING,
    UNKNOWN_OUTCOMES,
    read_content,
    read_copies,
    read_headers,
    read_line,
    read_sender,
    read_sending,
)
from engine.steps.reading import Reading
from engine.steps.step import MessageStep, UnknownOutcome
from engine.templates import Language, Scope, address_overrides

TO_THE_PERSON: Final = "{{customer.email}}"
"""Whom an email is for that says nothing of it."""

BccAs = Literal["copy", "separate"]
"""The email itself, unseen, or an email of its own whose subject names the recipient (behaviour 6.11)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailContent:
    """One rendered email: addresses are checked, lines are single. How it is encoded is the channel's concern."""

    sender: str
    to: str
    subject: str
    html: str | None
    text: str | None
    """None: the channel makes it of the HTML."""
    preheader: str | None = None
    reply_to: str | None = None
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    """Who gets the email itself, unseen."""
    copies: tuple[str, ...] = ()
    """Who gets an email of their own, whose subject names the recipient."""
    headers: Mapping[str, str] = field(default_factory=dict)
    tracking: bool = True
    """Whether opens and clicks are to be noticed."""

    @property
    def recipient(self) -> str:
        """Whom lists of deliveries show."""
        return self.to

    @property
    def address(self) -> str:
        """The address that may be suppressed."""
        return self.to


@dataclass(frozen=True, slots=True, kw_only=True)
class Email(MessageStep):
    """Send an email. All texts are templates."""

    kind: ClassVar[str] = "email"
    form: ClassVar[str] = "`email: {id: welcome, subject: …, body: …}`"
    channel: ClassVar[str] = "email"
    template_fields: ClassVar[tuple[str, ...]] = (
        *("subject", "body", "text", "preheader", "from", "to", "reply_to", "cc", "bcc", "headers"),
    )
    file_fields: ClassVar[tuple[str, ...]] = ("body", "text")
    can_be_tested: ClassVar[bool] = True

    name: str
    subject: str
    html: str | None = None
    text: str | None = None
    preheader: str | None = None
    sender: str | None = None
    to: str = TO_THE_PERSON
    reply_to: str | None = None
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    bcc_as: BccAs = "copy"
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    tracking: bool = True
    language: Language = "liquid"

    @property
    def template_language(self) -> Language:
        """Whatever the email says."""
        return self.language

    @classmethod
    def parse(cls, reading: Reading) -> Self:
        """Read an email; every template is checked."""
        fields = reading.fields
        language = cast("Language", fields.choice("language", LANGUAGES) or "liquid")
        fields.require("subject", 'Write one, such as "{{customer.first_name}}, your cart is waiting".')
        return cls(
            id=reading.id,
            name=fields.name("name") or reading.id,
            subject=read_line(fields, "subject", language) or "",
            html=read_content(fields, "body", language, needed=not fields.has("text")),
            text=read_content(fields, "text", language),
            preheader=read_line(fields, "preheader", language),
            sender=read_sender(fields, "from", language),
            to=read_sender(fields, "to", language) or TO_THE_PERSON,
            reply_to=read_sender(fields, "reply_to", language),
            cc=read_copies(fields, "cc", language),
            bcc=read_copies(fields, "bcc", language),
            bcc_as=cast("BccAs", fields.choice("bcc_as", BCC_AS) or "copy"),
            headers=read_headers(fields, language),
            tracking=fields.flag("tracking") is not False,
            sending=read_sending(fields),
            send_to_unsubscribed=fields.flag("send_to_unsubscribed"),
            unknown_outcome=cast("UnknownOutcome | None", fields.choice("unknown_outcome", UNKNOWN_OUTCOMES)),
            language=language,
            condition=reading.condition(),
        )

    def body(self) -> dict[str, Any]:
        """Return what differs from an email of which nothing is said."""
        written = {
            "name": None if self.name == self.id else self.name,
            "subject": self.subject,
            "body": self.html,
            "text": self.text,
            "preheader": self.preheader,
            "from": self.sender,
            "to": None if self.to == TO_THE_PERSON else self.to,
            "reply_to": self.reply_to,
            "cc": list(self.cc) or None,
            "bcc": list(self.bcc) or None,
            "bcc_as": None if self.bcc_as == "copy" else self.bcc_as,
            "headers": dict(self.headers) or None,
            "tracking": None if self.tracking else False,
            "sending": None if self.sending == "automatic" else self.sending,
            "send_to_unsubscribed": self.send_to_unsubscribed,
            "unknown_outcome": self.unknown_outcome,
            "language": None if self.language == "liquid" else self.language,
        }
        return {key: value for key, value in written.items() if value is not None}

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Return the schemas of the email's keys."""
        line = {"type": "string", "minLength": 1, "maxLength": LONGEST_LINE}
        content = {
            "anyOf": [
                {"type": "string", "minLength": 1},
                {
                    "type": "object",
                    "properties": {"file": {"type": "string", "minLength": 1}},
                    "required": ["file"],
                    "additionalProperties": False,
                },
            ]
        }
        copies = {"anyOf": [line, {"type": "array", "items": line, "maxItems": MOST_COPIES}]}
        return {
            "name": {
                "type": "string",
                "minLength": 1,
                "maxLength": 200,
                "description": "What operators see. Default: the id.",
            },
            "subject": line | {"description": "Template."},
            "body": content
            | {"description": "HTML template, or {file: path} for the command line to read. Values are escaped."},
            "text": content | {"description": "Plain-text template. Default: made of the body."},
            "preheader": line | {"description": "Template of the line that inboxes show after the subject."},
            "from": line | {"description": "Template of the sender. Default: the campaign's `from`."},
            "to": line | {"description": "Template of the recipient. Default: {{customer.email}}."},
            "reply_to": line | {"description": "Template of the address that answers go to."},
            "cc": copies | {"description": "Templates of addresses that get a copy."},
            "bcc": copies | {"description": "Templates of addresses that get a hidden copy."},
            "bcc_as": {
                "enum": list(BCC_AS),
                "description": "copy (the default): the email itself, unseen. separate: an email of its own for each "
                "address, whose subject names the recipient.",
            },
            "headers": {
                "type": "object",
                "propertyNames": {"pattern": f"^{HEADER_NAME.pattern}$"},
                "additionalProperties": line,
                "description": "More mail headers, name to template.",
            },
            "tracking": {
                "type": "boolean",
                "description": "Whether opens and clicks are noticed, by an image and by links that lead through "
                "Sojourn. Default: true.",
            },
            "sending": {
                "enum": list(SENDING),
                "description": "automatic (the default) sends it when it is due, off skips it.",
            },
            "send_to_unsubscribed": {
                "type": "boolean",
                "description": "Whether people who unsubscribed get it. Default: as the campaign.",
            },
            "unknown_outcome": {
                "enum": list(UNKNOWN_OUTCOMES),
                "description": "If a crash leaves it open whether it left: hold (never twice) or resend (never lost). "
                "Default: as the campaign.",
            },
            "language": {"enum": list(LANGUAGES), "description": "Of the templates. Default: liquid."},
        }

    @classmethod
    def required(cls) -> tuple[str, ...]:
        """Return `subject`; that there is a body or a text only `parse` checks."""
        return ("subject",)

    def compose(self, scope: Scope, *, sender: str | None) -> EmailContent:
        """Render the email for one person.

        The trigger event's `from_address`, `recipient` and `reply_to` win over what is written here (behaviour 8.12).

        Args:
            scope: what templates can read; the rendered subject is added to it as `message.subject`.
            sender: template of the default sender: the campaign's, or else that of the installation.

        Raises:
            RenderError: a variable is missing, an address is empty or no address, there is no sender.
        """
        render = _Renderer(scope, self.language)
        subject = render.line(self.subject)
        render = _Renderer(replace(scope, message={**scope.message, "subject": subject}), self.language)
        given = address_overrides(scope.event)
        bcc = render.copies("bcc", self.bcc)
        return EmailContent(
            sender=_checked("from", given.get("sender") or self._sender(render, sender)),
            to=self._recipient(render),
            subject=subject,
            html=None if self.html is None else render.html(self.html),
            text=None if self.text is None else render.text(self.text),
            preheader=None if self.preheader is None else render.line(self.preheader),
            reply_to=_optional("reply_to", given.get("reply_to") or render.line(self.reply_to or "")),
            cc=render.copies("cc", self.cc),
            bcc=bcc if self.bcc_as == "copy" else (),
            copies=bcc if self.bcc_as == "separate" else (),
            headers={name: render.line(value) for name, value in self.headers.items()},
            tracking=self.tracking,
        )

    def recipient(self, scope: Scope) -> str | None:
        """Return whom the email is for; None if nobody can say."""
        try:
            return self._recipient(_Renderer(scope, self.language))
        except RenderError:
            return None

    def _recipient(self, render: _Renderer) -> str:
        given = address_overrides(render.scope.event).get("to")
        if not given and self.to == TO_THE_PERSON and not (render.scope.customer or {}).get("email"):
            # Rendering would blame a template that nobody wrote.
            raise RenderError("The person has no email address.")
        return _checked("to", given or render.line(self.to))

    def _sender(self, render: _Renderer, default: str | None) -> str:
        # The default was written elsewhere, in Liquid, whatever language this email is in.
        return render.line(self.sender) if self.sender else _Renderer(render.scope, "liquid").line(default or "")


class _Renderer:
    """One scope, one language, and the kinds of text that an email is made of."""

    def __init__(self, scope: Scope, language: Language) -> None:
        self.scope = scope
        self.language = language

    def text(self, source: str) -> str:
        return templates.render(source, self.scope, language=self.language)

    def html(self, source: str) -> str:
        return templates.render(source, self.scope, language=self.language, html=True)

    def line(self, source: str) -> str:
        # A person's data may hold line breaks; in a header they would begin another one.
        return " ".join(self.text(source).split())

    def copies(self, key: str, sources: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_checked(key, part) for source in sources for part in split_addresses(self.line(source)))


def _checked(key: str, text: str) -> str:
    if not text:
        raise RenderError(f"`{key}` is empty: there is no address to use.")
    try:
        return str(parse_address(text, key))
    except InputError as error:
        raise RenderError(error.message) from error


def _optional(key: str, text: str) -> str | None:
    return _checked(key, text) if text else None
