"""`sojourn doctor` sees what is wrong and says what to do about it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from cli import checks
from cli.checks import Finding
from cli.ports import free_ports
from runtime.clock import system_clock
from runtime.mail_catcher import MailCatcher
from runtime.settings import Settings
from runtime.temporal import connect, prepare
from storage import keys
from storage.database import Pool, open_pool

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


async def found(looking: AsyncIterator[Finding]) -> dict[str, Finding]:
    return {finding.text: finding async for finding in looking}


async def of_database(database_url: str, *, environment: str = "production", **settings: object) -> dict[str, Finding]:
    values = {"database_url": database_url, "environment": environment, **settings}
    return await found(checks.of_database(Settings.model_validate(values), NOW))


def wrong(findings: dict[str, Finding]) -> list[str]:
    return [text for text, finding in findings.items() if finding.state == "wrong"]


async def test_a_record_that_is_not_migrated_is_told_how(postgres: str) -> None:
    findings = await of_database(postgres)

    assert ["The database is not up to date: 0001_the_record.sql is missing."] == wrong(findings)
    assert "Run `sojourn migrate`." == findings[wrong(findings)[0]].remedy


async def test_each_process_that_is_not_at_work_is_named(database_url: str) -> None:
    pool = await open_pool(database_url, name="sojourn-intake")

    findings = await of_database(database_url)

    assert [
        "No process `sojourn api` is connected to this database.",
        "No process `sojourn worker` is connected to this database.",
    ] == wrong(findings)
    await pool.close()


async def test_what_has_waited_too_long_is_counted_with_its_age(pool: Pool, database_url: str) -> None:
    await pool.execute(
        "INSERT INTO inbox (workspace_id, kind, payload, received_at) VALUES (1, 'event', '{}'::text::jsonb, $1)",
        NOW - timedelta(minutes=7),
    )
    await pool.execute(
        "INSERT INTO outbox (kind, workflow_id, payload, created_at, last_error) "
        "VALUES ('start', 'j', '{}'::text::jsonb, $1, 'namespace not found')",
        NOW - timedelta(hours=3),
    )

    findings = await of_database(database_url)

    late = [finding for text, finding in findings.items() if "the oldest has waited" in text]
    assert [
        ("1 taken in and not applied; the oldest has waited 7 min.", "Is `sojourn intake` running? See its log."),
        ("1 decided and not told to Temporal; the oldest has waited 3 h.", "Temporal said: namespace not found"),
    ] == [(finding.text, finding.remedy) for finding in late]


async def test_what_has_just_come_in_is_no_trouble(pool: Pool, database_url: str) -> None:
    await pool.execute(
        "INSERT INTO inbox (workspace_id, kind, payload, received_at) VALUES (1, 'event', '{}'::text::jsonb, $1)",
        NOW - timedelta(seconds=2),
    )

    assert "1 taken in and not applied: nothing piles up." in await of_database(database_url)


async def test_inputs_given_up_on_and_unknown_outcomes_are_shown_with_the_way_to_settle(
    pool: Pool, database_url: str
) -> None:
    await pool.execute(
        "INSERT INTO inbox_rejects (id, workspace_id, kind, payload, received_at, rejected_at, reason) "
        "VALUES (1, 1, 'event', '{}'::text::jsonb, $1, $1, 'no such thing')",
        NOW,
    )
    await pool.execute(
        "INSERT INTO campaigns (workspace_id, key, name, state, latest_version, created_at, updated_at) "
        "VALUES (1, 'welcome', 'Welcome', 'running', 1, $1, $1)",
        NOW,
    )
    await pool.execute(
        "INSERT INTO deliveries (key, public_id, workspace_id, campaign_id, version, journey_id, person_id, block, "
        "channel, state, created_at, updated_at) "
        "SELECT '1:a:1', 'x', 1, id, 1, 1, 1, 'a', 'email', 'unknown', $1, $1 FROM campaigns",
        NOW,
    )

    findings = await of_database(database_url)

    assert "notice" == findings["1 inputs could not be applied."].state
    unknown = next(finding for text, finding in findings.items() if "unknown outcome" in text)
    assert "wrong" == unknown.state
    assert "sojourn deliveries settle" in unknown.remedy


async def test_well_known_keys_are_wrong_in_production_and_noticed_in_development(
    pool: Pool, database_url: str
) -> None:
    async with pool.acquire() as connection:
        workspace = await keys.open_workspace(connection, "default", now=NOW)
        await keys.add(connection, workspace, "app", "dev", is_development=True, now=NOW)

    production, development = [
        [finding.state for text, finding in findings.items() if "well-known keys" in text.lower()]
        for findings in (
            await of_database(database_url),
            await of_database(database_url, environment="development"),
        )
    ]
    assert (["wrong"], ["notice"]) == (production, development)


async def test_events_that_outlived_their_retention_are_noticed(pool: Pool, database_url: str) -> None:
    await pool.execute(
        "CREATE TABLE events_2026_08 PARTITION OF events FOR VALUES FROM ('2026-08-01 00:00Z') TO ('2026-09-01 00:00Z')"
    )
    overdue = "Events are kept for 30 days, but those of August 2026 are still there."

    assert overdue in wrong(await of_database(database_url, event_retention_days=30))
    assert overdue not in await of_database(database_url, event_retention_days=365)
    assert "Events lie in 1 monthly partitions and are kept for ever." in await of_database(database_url)


async def test_a_namespace_that_is_not_there_is_told_how_to_make(temporal: WorkflowEnvironment) -> None:
    address = temporal.client.service_client.config.target_host
    settings = Settings(database_url="postgresql://", temporal_address=address, temporal_namespace="shop")

    findings = await found(checks.of_temporal(settings, NOW))

    assert ["Temporal has no namespace 'shop'."] == wrong(findings)
    assert "temporal operator namespace create --namespace shop" in findings[wrong(findings)[0]].remedy


async def test_a_queue_that_nobody_polls_is_noticed(temporal: WorkflowEnvironment) -> None:
    address = temporal.client.service_client.config.target_host
    settings = Settings(database_url="postgresql://", temporal_address=address, task_queue="nobody")
    await prepare(await connect(settings))

    findings = await found(checks.of_temporal(settings, NOW))

    assert ["Nobody polls the task queue 'nobody': journeys stand still."] == wrong(findings)
    assert "The namespace has our search attributes." in findings


async def test_a_mail_server_that_answers_is_fine_and_one_that_does_not_is_named(tmp_path: Path) -> None:
    async with MailCatcher(folder=tmp_path, http_port=None) as catcher:
        good = Settings(
            database_url="postgresql://",
            smtp_port=catcher.smtp_port,
            smtp_tls="none",
            email_from="a@b.example",
            public_url="https://b.example",
        )
        assert [f"The mail server answers at 127.0.0.1:{catcher.smtp_port}."] == list(
            await found(checks.of_mail(good, NOW))
        )
        # It offers no encryption, and that is what was asked for.
        encrypted = good.model_copy(update={"smtp_tls": "starttls"})
        [refused] = await found(checks.of_mail(encrypted, NOW))
        assert "cannot be used" in refused

    [gone] = wrong(await found(checks.of_mail(good, NOW)))
    assert f"The mail server at 127.0.0.1:{good.smtp_port} cannot be used" in gone


async def test_everything_is_looked_at_even_where_nothing_answers() -> None:
    port, temporal_port, database_port, smtp_port = free_ports(4)
    settings = Settings(
        database_url=f"postgresql://shop:x@127.0.0.1:{database_port}/shop",
        temporal_address=f"127.0.0.1:{temporal_port}",
        smtp_port=smtp_port,
        port=port,
    )

    findings = await checks.every(settings, system_clock())

    assert ["wrong", "wrong", "wrong", "notice", "notice", "notice"] == [finding.state for finding in findings]
    for part in ("PostgreSQL", "Temporal", "mail server", "default sender", "not tracked", "API"):
        assert 1 == sum(part in finding.text for finding in findings), part


@pytest.mark.parametrize(("wait", "words"), [(timedelta(seconds=59), "0 min"), (timedelta(hours=3, minutes=9), "3 h")])
def test_a_wait_is_told_in_words(wait: timedelta, words: str) -> None:
    assert words == checks._words(wait)
