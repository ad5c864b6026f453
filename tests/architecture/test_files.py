"""What is true of every file: small, named for what it holds, and listed where packages are listed."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST = 400
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc", "stuff"}


def tracked(*patterns: str) -> list[Path]:
    """Files under version control, or about to be; of an unpacked archive, all there are."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return sorted(path for name in listed.split("\0") if name and (path := ROOT / name).is_file())


PYTHON = tracked("*.py")


def test_no_file_is_longer_than_a_reader_bears() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in PYTHON}

    assert {} == {name: length for name, length in lengths.items() if length > LONGEST}


def test_every_name_says_what_is_inside() -> None:
    assert [] == [path for path in PYTHON if path.stem in NAMES_THAT_SAY_NOTHING]


def test_every_module_begins_with_the_problem_it_solves() -> None:
    modules = [path for path in PYTHON if "tests" not in path.parts]
    silent = [path for path in modules if not path.read_text(encoding="utf-8").startswith('"""')]

    assert [] == silent


def test_the_distribution_lists_every_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = set(project["tool"]["setuptools"]["packages"])
    folders = {path.parent.relative_to(ROOT) for path in tracked("*/__init__.py") if "tests" not in path.parts}

    assert {".".join(folder.parts) for folder in folders} == listed


@pytest.mark.parametrize("lock", ["requirements.lock", "deploy/requirements.lock"])
def test_a_lock_pins_files_by_hash_and_names_no_host(lock: str) -> None:
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    pinned = [line for line in lines if not line.startswith(" ")]

    assert [] == [line for line in pinned if "==" not in line or not line.endswith("\\")]
    assert [] == [line for line in lines if "://" in line or "@" in line]


def test_the_image_gets_the_versions_that_are_tested() -> None:
    def versions(lock: str) -> set[str]:
        text = (ROOT / lock).read_text(encoding="utf-8")
        return {line.split(" ")[0] for line in text.splitlines() if not line.startswith(" ")}

    assert set() == versions("deploy/requirements.lock") - versions("requirements.lock")
