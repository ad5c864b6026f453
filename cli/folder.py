"""The data folder of the embedded stack: who uses it, what lies in it, and how it is thrown away."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.errors import ConfigurationError

DEFAULT: Final = Path(".sojourn")

_PARTS: Final = ("postgres", "temporal", "mail", "logs", "run")
"""Everything that we ever write beside the lock, so that a reset never touches what is not ours."""


@dataclass(frozen=True, slots=True)
class DataFolder:
    """One data folder."""

    root: Path

    @property
    def postgres(self) -> Path:
        """The database."""
        return self.root / "postgres"

    @property
    def temporal(self) -> Path:
        """Temporal's file."""
        return self.root / "temporal"

    @property
    def mail(self) -> Path:
        """What the mail catcher has caught."""
        return self.root / "mail"

    @property
    def environment(self) -> Path:
        """What our processes were told, for commands in another terminal; there while the stack runs."""
        return self.root / "run" / "environment.json"

    def log(self, name: str) -> Path:
        """What a process wrote."""
        return self.root / "logs" / f"{name}.log"

    def record(self, name: str) -> Path:
        """Where a running process is written down."""
        return self.root / "run" / f"{name}.pid"

    def records(self) -> list[Path]:
        """What is written down as running, from this start or from one that crashed."""
        return sorted((self.root / "run").glob("*.pid"))

    def reset(self) -> None:
        """Throw the data away. Only while it is locked and nothing runs in it."""
        for part in _PARTS:
            shutil.rmtree(self.root / part, ignore_errors=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other stack out for as long as the block runs; the lock goes with the process, however it ends.

        Raises ConfigurationError that names the process which has it.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("a+", encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.seek(0)
                raise ConfigurationError(
                    f"Process {file.read().strip() or '?'} is already running Sojourn in {self.root}. Stop it with "
                    "Ctrl-C or SIGTERM, or give this one a folder and ports of its own: --data DIR --port …"
                ) from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield
