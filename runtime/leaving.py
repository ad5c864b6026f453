"""How a process ends, without tearing the interpreter down.

The Temporal SDK's native threads can abort an interpreter that is shutting down (`PyGILState_Release`, exit code 134,
in some runs of a short-lived command). So whatever used its client leaves by `leave`, when nothing is left to do.
"""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """End the process now, with what was printed and nothing else."""
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # closed, or nobody reads any more
            stream.flush()
    os._exit(code)
