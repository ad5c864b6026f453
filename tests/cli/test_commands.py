"""`sojourn` answers at once, and can be interrupted from the first moment."""

from __future__ import annotations

import inspect
import re
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.commands import COMMANDS, app, load
from runtime.shutdown import INTERRUPTED

ROOT = Path(__file__).parents[2]
INTERRUPTED_IMPORT = """
import os, signal, sys
from cli.main import main

class Person:
    def find_spec(self, name, *_):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Person())
sys.argv = ["sojourn", "campaigns", "list"]
main()
"""


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, timeout=50, check=False)


@pytest.mark.parametrize("flag", ["--help", "--version"])
def test_what_needs_no_command_imports_none(flag: str) -> None:
    asked = run("-X", "importtime", "-m", "cli.main", flag)

    imported = set(re.findall(r"\| +([\w.]+)$", asked.stderr, re.MULTILINE))
    assert (0, "cli.commands") == (asked.returncode, "cli.commands" if "cli.commands" in imported else None)
    assert set() == imported & {"asyncio", "asyncpg", "fastapi", "httpx", "liquid", "pydantic", "temporalio", "uvloop"}


@pytest.mark.parametrize("module", ["cli.commands", "typer", "cli.campaigns", "pydantic"])
def test_an_interrupt_of_the_start_is_quiet(module: str) -> None:
    interrupted = run("-c", INTERRUPTED_IMPORT.format(module=module))

    assert (INTERRUPTED, "", "") == (interrupted.returncode, interrupted.stdout, interrupted.stderr)
    assert 128 + signal.SIGINT == INTERRUPTED


def test_the_version_is_that_of_the_package() -> None:
    package = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    said = CliRunner().invoke(app, ["--version"])

    assert (0, f"{package['name']} {package['version']}\n") == (said.exit_code, said.stdout)


def test_the_line_of_each_command_in_the_list_is_the_first_of_its_own_help() -> None:
    own = {}
    for name in COMMANDS:
        loaded = load(name)
        for group in loaded.registered_groups:
            assert group.typer_instance is not None
            own[name] = group.typer_instance.info.help
        for command in loaded.registered_commands:
            assert command.callback is not None
            own[name] = (inspect.getdoc(command.callback) or "").partition("\n")[0]

    assert {name: line for name, (_, line) in COMMANDS.items()} == own


def test_a_word_that_is_no_command_is_answered_with_the_one_that_is_meant() -> None:
    asked = CliRunner().invoke(app, ["wroker"])

    assert 2 == asked.exit_code
    assert "Did you mean 'worker'?" in asked.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("campaigns", "journeys", "welcome", "--state", "asleep"),
        ("deliveries", "settle", "dlv_1", "guess"),
        ("addresses", "suppress", "ada@example.com", "--reason", "tired"),
    ],
)
def test_a_choice_that_there_is_not_is_answered_with_those_there_are(words: tuple[str, ...]) -> None:
    asked = CliRunner().invoke(app, words, env={"COLUMNS": "200"})

    assert 2 == asked.exit_code
    assert f": '{words[-1]}' is not one of '" in asked.stderr


@pytest.mark.parametrize(("words", "missing"), [(("campaigns", "show"), "key"), (("deliveries", "settle"), "DELIVERY")])
def test_a_missing_argument_is_named_and_the_sentence_ends_once(words: tuple[str, ...], missing: str) -> None:
    asked = CliRunner().invoke(app, words, env={"COLUMNS": "200"})

    assert 2 == asked.exit_code
    assert re.search(rf"Missing argument '{missing}'\.\s*│", asked.stderr)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("journeys show abc", "Write a whole number."),
        ("journeys show 0", "Write 1 or more."),
        ("campaigns start x --current --rate 1.5", "Write a whole number."),
        ("campaigns start x --current --rate 1001", "Write 1000 or less."),
    ],
)
def test_a_number_that_is_none_is_answered_in_our_words(words: str, said: str) -> None:
    answer = CliRunner().invoke(app, words.split())

    assert 2 == answer.exit_code
    assert f": {said}" in answer.stderr
    assert "Input should" not in answer.stderr
