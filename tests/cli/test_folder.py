"""The data folder has one owner at a time, and a reset throws away what is ours and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cli.folder import DataFolder
from engine.errors import ConfigurationError


def test_a_second_stack_is_kept_out_and_told_by_whom(tmp_path: Path) -> None:
    owner = f"Process {os.getpid()} is already running Sojourn in {tmp_path}"

    with DataFolder(tmp_path).locked(), pytest.raises(ConfigurationError, match=owner):
        DataFolder(tmp_path).locked().__enter__()


def test_the_folder_is_free_again_afterwards(tmp_path: Path) -> None:
    for _ in range(2):
        with DataFolder(tmp_path / "made").locked():
            assert str(os.getpid()) == (tmp_path / "made" / "lock").read_text()


def test_a_reset_leaves_what_is_not_ours(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    for path in (folder.postgres / "data", folder.temporal, folder.mail, tmp_path / "photos"):
        path.mkdir(parents=True)
    (tmp_path / "notes.txt").write_text("mine")

    folder.reset()

    assert ["notes.txt", "photos"] == sorted(path.name for path in tmp_path.iterdir())


def test_what_is_written_down_as_running_is_found(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.record("api").parent.mkdir()
    for name in ("worker", "api"):
        folder.record(name).write_text("1 1.0")
    folder.environment.write_text("{}")

    assert [folder.record("api"), folder.record("worker")] == folder.records()
