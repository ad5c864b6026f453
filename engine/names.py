"""Every name that Temporal writes into a history, in one place, because none of them can ever be changed.

A workflow that sleeps for months is found again by these strings: the functions that carry them may be renamed
freely, the strings may not. `tests/architecture` compares them with a list that is only ever added to.
"""

from __future__ import annotations

from typing import Final

# Workflow types
JOURNEY: Final = "journey"
CAMPAIGN: Final = "campaign"
RESEND: Final = "resend"
EDIT: Final = "edit"

LOADING: Final = "loading"
REDELIVERY: Final = "redelivery"

# Signals of a journey
LOOK_AGAIN: Final = "look_again"  # something changed: ask for the next move anew
END: Final = "end"  # an operator ends this journey; optional argument: the reason

# Signals of a campaign
STOP: Final = "stop"  # everybody out now
DRAIN: Final = "drain"  # nobody enters any more, whoever is inside may finish
# A campaign also knows LOOK_AGAIN: count again who is inside.

# Signals of a loading
PAUSE: Final = "pause"
RESUME: Final = "resume"

# Activities
NEXT_MOVE: Final = "next_move"
CHECK_EXIT: Final = "check_exit"
SEND: Final = "send"
ACT: Final = "act"
STOP_CAMPAIGN: Final = "stop_campaign"
COUNT_INSIDE: Final = "count_inside"
RESEND_DELIVERY: Final = "resend_delivery"
WAKE_WAITING: Final = "wake_waiting"
LOAD_MATCHES: Final = "load_matches"
REDELIVER: Final = "redeliver"

# Task queues. A channel's sends may be moved to a queue of their own by a setting.
JOURNEYS_QUEUE: Final = "journeys"
WEBHOOK_QUEUE: Final = "-webhook"  # behind the name of the journeys' queue: a slow receiver holds up nobody else

# Search attributes (all Keyword): see workflows/search_attributes.py
CAMPAIGN_KEY: Final = "Campaign"  # the campaign's key, as the growth team writes it
CAMPAIGN_ID: Final = "CampaignId"
PERSON_KEY: Final = "PersonKey"  # our internal person id, never an address
WORKSPACE_ID: Final = "WorkspaceId"
