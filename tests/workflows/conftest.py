from __future__ import annotations

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.workflows.scripted_rules import Journeys


@pytest.fixture
def journeys(temporal: WorkflowEnvironment) -> Journeys:
    return Journeys(temporal)
