"""Which Sojourn a command means: the one that the environment names, else the one that runs in this folder.

`sojourn dev` writes down what it tells its processes. So `sojourn doctor` in another terminal needs no variables.
"""

from __future__ import annotations

import json
import os
from typing import Final

from cli.folder import DEFAULT, DataFolder
from engine.errors import ConfigurationError
from runtime.settings import Settings, load, variable

_DATABASE: Final = variable("database_url")


def settings() -> Settings:
    """Return the settings of the Sojourn that is meant. Raises ConfigurationError when there is none."""
    written = DataFolder(DEFAULT).environment
    if os.environ.get(_DATABASE):
        return load()
    if written.exists():
        os.environ.update(json.loads(written.read_text(encoding="utf-8")))
        return load()
    try:
        return load()
    except ConfigurationError as error:
        raise ConfigurationError(f"{error.message}\nOr start `sojourn dev`: none runs in this folder.") from None
