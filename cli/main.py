"""The `sojourn` command begins here, with nothing imported yet: whoever presses Ctrl-C at once sees no traceback."""

from __future__ import annotations

import os
import signal
from types import FrameType
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line and end the process: 0 for done, 1 for an error of ours, 2 for a mistake in typing.

    Ctrl-C ends it at once with 130, until a command stops in a way of its own (`runtime/shutdown.py`).
    """
    signal.signal(signal.SIGINT, _interrupted)
    from cli.commands import run  # an interrupt is heard by now

    run()


def _interrupted(number: int, _: FrameType | None) -> NoReturn:
    os._exit(128 + number)


if __name__ == "__main__":
    main()
