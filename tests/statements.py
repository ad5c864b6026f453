"""Which numbered statements of docs/behaviour.md are proven: those whose every marked test ran and passed.

Run by `scripts/spec`. As a pytest plugin it writes what it saw to the file given by `--statements FILE`.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

BEHAVIOUR = Path(__file__).parent.parent / "docs" / "behaviour.md"
_STATEMENT = re.compile(r"^(?:- \*\*|\| )(\d+\.\d+)(?:\*\* | \| )(.*)$", re.MULTILINE)


def statements() -> dict[str, str]:
    """Return every numbered statement of the behaviour, number to text, in order."""
    return {number: text.strip(" |") for number, text in _STATEMENT.findall(BEHAVIOUR.read_text(encoding="utf-8"))}


def marked(item: pytest.Item) -> list[str]:
    """Return the numbers that a test claims to prove."""
    return [number for mark in item.iter_markers("spec") for number in mark.args]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--statements", metavar="FILE", help="write which numbered statements passed to FILE, as JSON")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a mark that names a statement which does not exist."""
    known = statements() if any(marked(item) for item in items) else {}
    for item in items:
        for number in marked(item):
            if number not in known:
                raise pytest.UsageError(
                    f"{item.nodeid} claims to prove {number}, which docs/behaviour.md does not have."
                )
            item.user_properties.append(("statement", number))


class Tally:
    """Counts, per statement, whether all of its tests passed."""

    def __init__(self) -> None:
        self.passed: dict[str, bool] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        good = report.passed or (report.when != "call" and not report.failed and not report.skipped)
        for name, number in report.user_properties:
            if name == "statement":
                self.passed[str(number)] = self.passed.get(str(number), True) and good

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        target = Path(session.config.getoption("--statements"))
        target.write_text(json.dumps(self.passed), encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--statements") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Tally(), "statements-tally")


def main() -> int:
    """Run the marked tests and print what is proven; exit 1 if a marked test failed."""
    parser = argparse.ArgumentParser(prog="scripts/spec", description="Which numbered statements have passing tests.")
    parser.add_argument("--json", action="store_true", help="print {'proven': [...], 'unproven': [...]}")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "statements.json"
        command = [sys.executable, "-m", "pytest", "-q", "-m", "spec", "--statements", str(report)]
        run = subprocess.run(command, stdout=sys.stderr, check=False)
        passed: dict[str, bool] = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}
    known = statements()
    proven = [number for number in known if passed.get(number)]
    unproven = [number for number in known if not passed.get(number)]
    if arguments.json:
        print(json.dumps({"proven": proven, "unproven": unproven}))  # noqa: T201 - its output is what it is for
    else:
        for number in unproven:
            print(f"unproven {number:>7}  {known[number][:100]}")  # noqa: T201
        print(f"{len(proven)} of {len(known)} statements are proven.")  # noqa: T201
    return run.returncode


if __name__ == "__main__":
    sys.exit(main())
