"""What a person gets is made at the moment it is handed over: of the latest version, for the person as they are now."""

from __future__ import annotations

import secrets
from dataclasses import asdict, replace
from datetime import datetime

from activities.scopes import scope_of
from engine.addresses import address_key
from engine.campaigns import Campaign
from engine.errors import RenderError
from engine.steps import MessageStep
from engine.steps.webhook_content import DEPTH_HEADER, WebhookContent
from storage.deliveries import NewDelivery
from storage.journeys import JourneyRow


def new_delivery(
    campaign: Campaign, row: JourneyRow, step: MessageStep, *, key: str, sender: str | None, now: datetime
) -> NewDelivery:
    """Render a message; one that cannot be rendered is `failed` and says why.

    Args:
        campaign: in its latest version.
        row: the journey, with the person as they are now.
        step: of the campaign.
        key: of the delivery; one that exists keeps its name for the outside.
        sender: the installation's default, for a campaign that names nobody.
        now: the journey's instant.
    """
    new = _new(row, step, key)
    scope = scope_of(campaign, row, step, delivery_id=new.public_id, now=now)
    try:
        content = step.compose(scope, sender=campaign.sender or sender)
    except RenderError as error:
        # Whom it was for still counts: a suppressed address is looked at before the rendering (behaviour 6.07).
        to = step.recipient(scope)
        return replace(new, state="failed", failure=error.message, address_key=to and address_key(to))
    if isinstance(content, WebhookContent):
        content = replace(content, headers={**content.headers, DEPTH_HEADER: str(row.depth + 1)})
    return replace(
        new,
        recipient=content.recipient,
        subject=content.subject,
        content=asdict(content),
        address_key=content.address and address_key(content.address),
    )


def _new(row: JourneyRow, step: MessageStep, key: str) -> NewDelivery:
    return NewDelivery(
        key=key,
        public_id=row.public_id or secrets.token_hex(13),
        workspace_id=row.workspace_id,
        campaign_id=row.campaign_id,
        version=row.latest_version,
        journey_id=row.id,
        person_id=row.person_id,
        block=step.id,
        channel=step.channel,
        state="handing_over",
        attempts=row.attempts or 0,
        arm=step.arm,
    )
