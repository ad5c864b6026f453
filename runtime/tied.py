"""A child of a process that is killed is nobody's: this program ties it to its parent, and then becomes it.

`python tied.py SIGNAL PARENT COMMAND …`: the kernel sends the signal when the parent ends, however it ends. Only Linux
knows how; elsewhere the command just runs. It starts with every child, so it imports next to nothing.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def main(number: int, parent: int, command: list[str]) -> None:
    """Become the command. Its exit code is 1 if the parent has ended already or there is no such program."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:
            sys.exit(f"process {parent} has ended")
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # by Python, and a program inherits what is ignored
        signal.signal(ignored, signal.SIG_DFL)
    try:
        os.execvp(command[0], command)  # noqa: S606 - no shell is wanted
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
