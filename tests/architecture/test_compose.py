"""The production-like set-up, read as what it is: no engine runs here, so its promises are checked in the text."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from runtime.settings import variables
from tests.architecture.test_documentation import commands
from tests.architecture.test_files import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service.get("image") == "sojourn"}
SECRET = re.compile(r"\$\{(\w*PASSWORD)(\W)")


def test_our_processes_are_there_each_by_its_own_command() -> None:
    assert {"migrate", "api", "intake", "worker", "mail-catcher"} == set(OURS)
    assert {name: name for name in OURS} == {name: service["command"][0] for name, service in OURS.items()}
    assert set() == {f"sojourn {name}" for name in OURS} - commands()


def test_our_processes_are_told_nothing_that_is_no_setting() -> None:
    told = {name for service in OURS.values() for name in service["environment"]}

    assert set() == told - set(variables())


def test_processes_wait_for_the_migration_and_it_for_what_it_migrates() -> None:
    done, healthy = {"condition": "service_completed_successfully"}, {"condition": "service_healthy"}

    assert {"postgres": healthy, "temporal-namespace": done} == SERVICES["migrate"]["depends_on"]
    for name in ("api", "intake", "worker"):
        assert {"migrate": done} == SERVICES[name]["depends_on"]


def test_everything_that_is_waited_for_exists_and_can_be_found_healthy() -> None:
    for service in SERVICES.values():
        for name, wanted in service.get("depends_on", {}).items():
            assert name in SERVICES
            assert wanted["condition"] != "service_healthy" or "healthcheck" in SERVICES[name]


def test_no_secret_has_a_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    defaulted = [name for name, sign in SECRET.findall(text.replace(":?", "?")) if sign != "?"]

    assert ["SOJOURN_SMTP_PASSWORD"] == defaulted  # the mail catcher has none


def test_the_example_names_every_variable_that_must_be_set() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    example = (ROOT / "deploy" / "example.env").read_text(encoding="utf-8")
    wanted = set(re.findall(r"\$\{(\w+):\?", text))

    assert wanted == set(re.findall(r"^(\w+)=$", example, re.MULTILINE))


def test_what_can_never_be_changed_is_right_from_the_first_day() -> None:
    assert "512" == SERVICES["temporal"]["environment"]["NUM_HISTORY_SHARDS"]


def test_fairness_is_on() -> None:
    configuration = yaml.safe_load((ROOT / "deploy" / "temporal" / "dynamic-config.yaml").read_text(encoding="utf-8"))

    assert [{"value": True}] == configuration["matching.enableFairness"]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_image_is_of_a_version_and_every_mounted_folder_exists(name: str) -> None:
    service = SERVICES[name]

    assert service["image"] == "sojourn" or re.search(r":\d", service["image"])
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        assert (ROOT / source).is_dir() if source.startswith(".") else source in COMPOSE["volumes"]


def test_containers_outlive_the_ten_seconds_that_processes_take_to_stop() -> None:
    assert {"15s"} == {service["stop_grace_period"] for service in OURS.values()}


def test_nothing_without_a_password_is_reachable_from_outside() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]

    assert [] == [port for port in ports if not port.startswith(("127.0.0.1:", "${SOJOURN_API_ADDRESS:-127.0.0.1:"))]
