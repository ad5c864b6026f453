"""A look at the caught mails in a browser, and as JSON for tests. Mail is hostile input: it is never trusted here.

Values are escaped by the template engine, a mail's HTML is shown in a sandboxed frame, and the content policy of the
page (which the frame inherits) runs no script. Pictures load, so that tracked opens can be tried out.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Final

from jinja2 import DictLoader, Environment
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from runtime.caught_mail import CaughtMail, CaughtMails

_SHOWN: Final = 200  # mails on the list; the rest are reached by address or by the API
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src http: https: data:; form-action 'self'"

_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{% block title %}{% endblock %}</title>
<meta name="viewport" content="width=device-width"><style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .3rem .8rem .3rem 0;
vertical-align: top; border-bottom: 1px solid #ddd } td.headers { overflow-wrap: anywhere }
iframe { width: 100%; height: 40rem; border: 1px solid #ccc } pre { white-space: pre-wrap; overflow-wrap: anywhere }
</style></head><body>{% block body %}{% endblock %}</body></html>
"""
_LIST: Final = """{% extends "page" %}{% block title %}Caught mail{% endblock %}{% block body %}
<h1>Caught mail</h1>
<form><label>To <input type="search" name="to" value="{{ to }}"></label> <button>Show</button></form>
<p>{{ received }} received since the start. Nothing leaves this machine.</p>
<table><thead><tr><th>Received (UTC)</th><th>To</th><th>Subject</th></tr></thead><tbody>
{% for mail in mails %}<tr><td>{{ mail.received_at | instant }}</td><td>{{ mail.recipients | join(", ") }}</td>
<td><a href="/messages/{{ mail.id }}">{{ mail.headers.Subject or "(no subject)" }}</a></td></tr>
{% else %}<tr><td colspan="3">No mail yet.</td></tr>{% endfor %}</tbody></table>{% endblock %}
"""
_MAIL: Final = """{% extends "page" %}{% block title %}{{ mail.headers.Subject }}{% endblock %}{% block body %}
<p><a href="/">All mail</a></p><h1>{{ mail.headers.Subject or "(no subject)" }}</h1>
<p>To {{ mail.recipients | join(", ") }}, {{ mail.received_at | instant }} UTC</p>
{% if html is not none %}<iframe title="HTML" sandbox="allow-popups allow-popups-to-escape-sandbox"
srcdoc="{{ html }}"></iframe>{% endif %}
{% if text is not none %}<h2>Text</h2><pre>{{ text }}</pre>{% endif %}
<h2>Headers</h2><table>{% for name, value in mail.headers.items() %}<tr><th>{{ name }}</th>
<td class="headers">{{ value }}</td></tr>{% endfor %}</table>{% endblock %}
"""


def mail_pages(mails: CaughtMails) -> Starlette:
    """The web application: `/`, `/messages/{id}`, and `/api/messages` (GET and DELETE)."""
    pages = Environment(loader=DictLoader({"page": _PAGE, "list": _LIST, "mail": _MAIL}), autoescape=True)
    pages.filters["instant"] = _instant

    def page(name: str, **values: object) -> Response:
        html = pages.get_template(name).render(values)
        return HTMLResponse(html, headers={"Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer"})

    async def show_list(request: Request) -> Response:
        to = request.query_params.get("to", "").strip()
        found = [mail for mail, _ in zip(mails.find(to=to or None), range(_SHOWN), strict=False)]
        return page("list", mails=found, to=to, received=mails.received)

    async def show_mail(request: Request) -> Response:
        mail_id = request.path_params["id"]
        mail, content = mails.get(mail_id), mails.content(mail_id)
        if mail is None or content is None:
            raise HTTPException(404, "This mail is not here any more.")
        message = message_from_bytes(content, policy=default)
        html = _part(message, "html")
        return page("mail", mail=mail, html=html and f'<base target="_blank">{html}', text=_part(message, "plain"))

    async def list_messages(request: Request) -> Response:
        try:
            since = float(request.query_params.get("since", "0"))
        except ValueError:
            raise HTTPException(400, "since: give Unix seconds, like 1700000000.123") from None
        found = mails.find(to=request.query_params.get("to"), since=since)
        return JSONResponse({"received": mails.received, "messages": [_json(mail) for mail in found]})

    async def delete_messages(_: Request) -> Response:
        mails.clear()
        return Response(status_code=204)

    return Starlette(
        routes=[
            Route("/", show_list),
            Route("/messages/{id}", show_mail),
            Route("/api/messages", list_messages, methods=["GET"]),
            Route("/api/messages", delete_messages, methods=["DELETE"]),
        ]
    )


def _json(mail: CaughtMail) -> dict[str, object]:
    return {
        "id": mail.id,
        "to": mail.recipients,
        "from": mail.sender,
        "subject": mail.headers.get("Subject", ""),
        "message_id": mail.headers.get("Message-ID"),
        "received_at": mail.received_at,
        "headers": mail.headers,
    }


def _part(message: EmailMessage, subtype: str) -> str | None:
    part = message.get_body((subtype,))
    if part is None:
        return None
    content = part.get_payload(decode=True)
    charset = part.get_content_charset("utf-8")
    try:
        return bytes(content).decode(charset, "replace")
    except LookupError:  # a charset nobody knows
        return bytes(content).decode("utf-8", "replace")


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
