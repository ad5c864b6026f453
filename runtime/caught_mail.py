"""What a mail catcher has caught: an index in memory, the mails on disk, and no sender waits for the disk."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from pathlib import Path
from typing import Final

_log = logging.getLogger(__name__)

_HEAD_END: Final = re.compile(rb"\r?\n\r?\n")
_FROM: Final = "X-Envelope-From"
_TO: Final = "X-Envelope-To"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaughtMail:
    """One mail, without its body."""

    id: str
    """Microseconds of its receipt and a running number, so ids sort by receipt."""
    received_at: float
    """Unix seconds."""
    headers: dict[str, str]
    """Decoded. The envelope is in `X-Envelope-From` and `X-Envelope-To`; of a repeated header the first is kept."""

    @property
    def sender(self) -> str:
        """Address of the envelope."""
        return self.headers.get(_FROM, "")

    @property
    def recipients(self) -> list[str]:
        """Addresses of the envelope, blind copies included."""
        return self.headers.get(_TO, "").split(", ")


class CaughtMails:
    """A folder of .eml files. Of more than `capacity` mails the oldest are deleted."""

    def __init__(self, folder: Path, capacity: int) -> None:
        self.received = 0
        """Mails caught since the start."""
        self._folder = folder
        self._capacity = capacity
        self._heads: dict[str, bytes] = {}
        self._unwritten: dict[str, bytes] = {}
        self._changed: asyncio.Queue[str] = asyncio.Queue()
        self._writer: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Read what an earlier run left in the folder, and begin to write."""
        self._heads = await asyncio.to_thread(self._read)
        self._writer = asyncio.create_task(self._write(), name="caught-mail-writer")

    async def close(self) -> None:
        """Write what is not on disk yet, and stop."""
        await self.written()
        if self._writer:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)

    async def written(self) -> None:
        """Return when everything caught so far is on disk."""
        await self._changed.join()

    def add(self, sender: str, recipients: list[str], content: bytes, received_at: float) -> str:
        """Keep a mail; answers with its id."""
        self.received += 1
        mail_id = f"{int(received_at * 1_000_000):016d}-{self.received:08d}"
        content = f"{_FROM}: {sender}\r\n{_TO}: {', '.join(recipients)}\r\n".encode() + content
        self._heads[mail_id] = _head(content)
        self._unwritten[mail_id] = content
        self._changed.put_nowait(mail_id)
        if len(self._heads) > self._capacity:
            self._forget(next(iter(self._heads)))
        return mail_id

    def find(self, *, to: str | None = None, since: float = 0.0) -> Iterator[CaughtMail]:
        """Mails to an address of the envelope, received at or after an instant; newest first."""
        for mail_id in reversed(self._heads):
            if _received_at(mail_id) < since:
                return
            mail = self.get(mail_id)
            if mail and (to is None or to.lower() in map(str.lower, mail.recipients)):
                yield mail

    def get(self, mail_id: str) -> CaughtMail | None:
        """One mail; None if there is none of that id, or not any more."""
        head = self._heads.get(mail_id)
        return CaughtMail(id=mail_id, received_at=_received_at(mail_id), headers=_headers(head)) if head else None

    def content(self, mail_id: str) -> bytes | None:
        """One mail as it came, below two headers with its envelope; None if it is not there any more."""
        if mail_id not in self._heads:  # so that no path is ever made of what a caller sent
            return None
        content = self._unwritten.get(mail_id)
        return self._path(mail_id).read_bytes() if content is None else content

    def clear(self) -> None:
        """Delete all mails."""
        for mail_id in list(self._heads):
            self._forget(mail_id)

    def _forget(self, mail_id: str) -> None:
        del self._heads[mail_id]
        self._unwritten.pop(mail_id, None)
        self._changed.put_nowait(mail_id)

    def _path(self, mail_id: str) -> Path:
        return self._folder / f"{mail_id}.eml"

    def _read(self) -> dict[str, bytes]:
        self._folder.mkdir(parents=True, exist_ok=True)
        paths = sorted(self._folder.glob("*-*.eml"))
        for path in paths[: -self._capacity]:
            path.unlink()
        return {path.stem: _head(path.read_bytes()) for path in paths[-self._capacity :]}

    async def _write(self) -> None:
        while True:
            ids = [await self._changed.get()]
            while not self._changed.empty():
                ids.append(self._changed.get_nowait())
            contents = {mail_id: self._unwritten.get(mail_id) for mail_id in ids}
            try:
                await asyncio.to_thread(self._store, contents)
            except OSError:
                _log.exception("Caught mails could not be written; they are kept in memory.")
            else:
                for mail_id in ids:
                    self._unwritten.pop(mail_id, None)
            for _ in ids:
                self._changed.task_done()

    def _store(self, contents: dict[str, bytes | None]) -> None:
        for mail_id, content in contents.items():
            if content is None:
                self._path(mail_id).unlink(missing_ok=True)
            else:
                self._path(mail_id).write_bytes(content)


def _received_at(mail_id: str) -> float:
    return int(mail_id.partition("-")[0]) / 1_000_000


def _head(content: bytes) -> bytes:
    end = _HEAD_END.search(content)
    return content[: end.start()] if end else content


def _headers(head: bytes) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in message_from_bytes(head).items():
        headers.setdefault(name, _decoded(str(value)))  # the first: ours come before those that a mail brings along
    return headers


def _decoded(value: str) -> str:
    value = " ".join(value.split())
    if "=?" not in value:
        return value
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, UnicodeError):
        return value  # it says that it is encoded, and is not
