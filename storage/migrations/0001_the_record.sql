-- The record: every table of the first release. Rows are scoped by workspace from the first day.
-- Instants are timestamptz and come from the caller (the engine's clock), never from now() in here.

CREATE TABLE workspaces (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text        NOT NULL UNIQUE,
    created_at  timestamptz NOT NULL
);

-- Keys are stored as SHA-256 of the secret; a key is 32 random bytes, so a slow hash would add nothing.
CREATE TABLE api_keys (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace_id  bigint      NOT NULL REFERENCES workspaces (id),
    surface       text        NOT NULL CHECK (surface IN ('track', 'app')),
    site_id       text        NOT NULL DEFAULT '',   -- user part of Basic credentials; '' for app keys
    secret_hash   bytea       NOT NULL,
    is_development boolean    NOT NULL DEFAULT false, -- well-known default; production refuses to start with one
    created_at    timestamptz NOT NULL,
    revoked_at    timestamptz,
    UNIQUE (surface, site_id, secret_hash)
);

-- What was accepted and is not yet applied. A 200 means the row is committed. Order of id = order of application. The key
-- begins with the workspace, so that no one looks through what waits for another one.
CREATE TABLE inbox (
    id            bigint GENERATED ALWAYS AS IDENTITY,
    workspace_id  bigint      NOT NULL,
    kind          text        NOT NULL,
    payload       jsonb       NOT NULL,
    received_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id)
);

-- An input that intake could not apply although the API accepted it: kept with the reason, never dropped.
CREATE TABLE inbox_rejects (
    id            bigint      PRIMARY KEY,
    workspace_id  bigint      NOT NULL,
    kind          text        NOT NULL,
    payload       jsonb       NOT NULL,
    received_at   timestamptz NOT NULL,
    rejected_at   timestamptz NOT NULL,
    reason        text        NOT NULL
);

-- The latest instant as of which intake has judged the people of a workspace: nobody is asked again as of an earlier one.
CREATE TABLE judged (
    workspace_id  bigint      PRIMARY KEY,
    until         timestamptz NOT NULL
);

-- What Temporal must be told. Emptied in order per workflow by the dispatcher; sending a row twice is harmless.
CREATE TABLE outbox (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind          text        NOT NULL CHECK (kind IN ('start', 'signal')),
    workflow_id   text        NOT NULL,
    payload       jsonb       NOT NULL,
    created_at    timestamptz NOT NULL,
    attempts      integer     NOT NULL DEFAULT 0,
    last_error    text,
    not_before    timestamptz NOT NULL DEFAULT '-infinity'  -- of a message that Temporal could not take yet
);
CREATE INDEX outbox_workflow ON outbox (workflow_id, id);

CREATE TABLE people (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace_id   bigint      NOT NULL,
    cio_id         text        NOT NULL,              -- given by us, immutable (api 11.4)
    external_id    text,                              -- the caller's id
    email          text,                              -- as given
    email_key      text,                              -- made by storage/people.py: email compares without case
    anonymous_id   text,
    attributes     jsonb       NOT NULL DEFAULT '{}',
    -- Attribute name -> Unix seconds of the `_timestamp` that set it; only attributes that came with one.
    attribute_times jsonb      NOT NULL DEFAULT '{}',
    first_event_at timestamptz,                       -- of their earliest event: how long they are known (behaviour 3.10)
    identified_at  timestamptz,                       -- when they got their anonymous id (behaviour 1.41)
    tallied        bigint      NOT NULL DEFAULT 0,    -- the last event question that their events were counted for
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX people_cio_id       ON people (workspace_id, cio_id);
CREATE UNIQUE INDEX people_external_id  ON people (workspace_id, external_id)  WHERE external_id  IS NOT NULL;
CREATE UNIQUE INDEX people_email        ON people (workspace_id, email_key)    WHERE email_key    IS NOT NULL;
CREATE UNIQUE INDEX people_anonymous_id ON people (workspace_id, anonymous_id) WHERE anonymous_id IS NOT NULL;

-- An identifier that must never be taken in again. Hashed, because the person asked to be forgotten.
CREATE TABLE suppressed_identifiers (
    workspace_id     bigint      NOT NULL,
    identifier_hash  bytea       NOT NULL,            -- SHA-256 of 'id:<value>' or 'email:<lower-cased value>'
    person_id        bigint,                          -- who is gone: identifiers of one person are freed together
    suppressed_at    timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, identifier_hash)
);
CREATE INDEX suppressed_identifiers_person ON suppressed_identifiers (person_id) WHERE person_id IS NOT NULL;

-- An address that must not be mailed (hard bounce, complaint, by hand); the person stays (behaviour 11.10).
CREATE TABLE suppressed_addresses (
    workspace_id   bigint      NOT NULL,
    address_key    text        NOT NULL,              -- made by engine/addresses.py
    reason         text        NOT NULL,
    suppressed_at  timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, address_key)
);

CREATE TABLE devices (
    person_id     bigint      NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    token         text        NOT NULL,
    platform      text        NOT NULL,
    last_used     timestamptz NOT NULL,
    attributes    jsonb       NOT NULL DEFAULT '{}',
    PRIMARY KEY (person_id, token)
);

-- Something an identify asked for and could not have: an identifier that belongs to someone else, an invalid email.
CREATE TABLE failed_changes (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace_id  bigint      NOT NULL,
    person_id     bigint      REFERENCES people (id) ON DELETE CASCADE,
    at            timestamptz NOT NULL,
    reason        text        NOT NULL,
    detail        jsonb       NOT NULL,
    email_key     text                                -- of the email in the detail, if there is one
);
CREATE INDEX failed_changes_person ON failed_changes (person_id, at);
-- To find whom a change named when they are forgotten. By hash, because what was refused may be of any length.
CREATE INDEX failed_changes_id     ON failed_changes USING hash ((detail ->> 'id'));
CREATE INDEX failed_changes_email  ON failed_changes USING hash (email_key);

-- Partitioned by month of receipt; partitions are made ahead by the one who writes (storage/partitions.py).
CREATE TABLE events (
    -- Of the inbox row that it came with: the order of ids is the order of application, and the same input applied again
    -- would be the same event.
    id            bigint      NOT NULL DEFAULT nextval('inbox_id_seq'),
    workspace_id  bigint      NOT NULL,
    person_id     bigint,                             -- NULL while anonymous
    anonymous_id  text,
    kind          text        NOT NULL CHECK (kind IN ('event', 'page', 'screen', 'form')),
    name          text        NOT NULL,              -- of a form its id: a submission is an event (behaviour 1.86)
    data          jsonb       NOT NULL,
    depth         smallint    NOT NULL DEFAULT 0,     -- how many campaigns it came through (behaviour 6.50)
    occurred_at   timestamptz NOT NULL,
    received_at   timestamptz NOT NULL,
    PRIMARY KEY (id, received_at)
) PARTITION BY RANGE (received_at);
CREATE INDEX events_person    ON events (person_id, kind, name, id);
CREATE INDEX events_anonymous ON events (workspace_id, anonymous_id) WHERE person_id IS NULL AND anonymous_id IS NOT NULL;

-- Client-supplied event ids already seen: two events with the same id count once (behaviour 1.40).
CREATE TABLE event_keys (
    workspace_id  bigint      NOT NULL,
    key           text        NOT NULL,
    received_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, key)
);
CREATE INDEX event_keys_received ON event_keys USING brin (received_at);  -- written in order of time, pruned by it

-- Counts every change of a campaign or segment of a workspace. Whoever changes one updates the row, whoever decides by
-- them locks it FOR SHARE: so each intake batch is wholly before or wholly after a change.
CREATE TABLE definitions (
    workspace_id  bigint      PRIMARY KEY REFERENCES workspaces (id),
    version       bigint      NOT NULL DEFAULT 0
);

CREATE TABLE segments (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace_id  bigint      NOT NULL,
    key           text        NOT NULL,
    name          text        NOT NULL,
    description   text        NOT NULL DEFAULT '',
    kind          text        NOT NULL CHECK (kind IN ('data', 'manual')),
    condition     jsonb,                              -- the document form; NULL for manual segments
    version       integer     NOT NULL DEFAULT 1,     -- counts changes of the condition
    state         text        NOT NULL CHECK (state IN ('building', 'ready', 'archived')),
    build_cursor  bigint      NOT NULL DEFAULT 0,     -- last person id the build has looked at
    redefined_at  timestamptz,                        -- when the latest build was asked for; NULL before the second
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    UNIQUE (workspace_id, key)
);
CREATE INDEX segments_building ON segments (workspace_id) WHERE state = 'building';  -- asked by every decision

-- No foreign keys: these rows are written by the hundred thousand, always under the lock of the person, and checking two
-- keys of each would cost more than writing it. Whoever deletes a person or a segment deletes them.
CREATE TABLE segment_members (
    segment_id  bigint      NOT NULL,
    person_id   bigint      NOT NULL,
    since       timestamptz NOT NULL,
    PRIMARY KEY (segment_id, person_id)
);
CREATE INDEX segment_members_person ON segment_members (person_id);

-- Membership that changes by time alone (behaviour 3.13): the instant at which to look again.
CREATE TABLE segment_rechecks (
    segment_id  bigint      NOT NULL,
    person_id   bigint      NOT NULL,
    due_at      timestamptz NOT NULL,
    PRIMARY KEY (segment_id, person_id)
);
CREATE INDEX segment_rechecks_due    ON segment_rechecks (due_at);
CREATE INDEX segment_rechecks_person ON segment_rechecks (person_id);

-- What segments ask about events: which are counted, and how many of the newest instants must be remembered. Several
-- segments that ask the same share one. Ids ascend, so `people.tallied` says which ones a person was counted for.
CREATE TABLE event_questions (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace_id  bigint      NOT NULL,
    document      jsonb       NOT NULL,
    created_at    timestamptz NOT NULL,
    UNIQUE (workspace_id, document)
);

-- How often a person did what a question asks about. No row is never. A window needs only its newest instants, so ten
-- thousand events are one row.
CREATE TABLE tallies (
    person_id    bigint        NOT NULL,
    question_id  bigint        NOT NULL,
    total        bigint        NOT NULL,              -- of events whose time has come
    newest       timestamptz[] NOT NULL,              -- of these, newest first, as many as the question needs
    upcoming     timestamptz[] NOT NULL,              -- of events from the future, earliest first (behaviour 1.39)
    PRIMARY KEY (person_id, question_id)
) WITH (fillfactor = 80);
CREATE INDEX tallies_question ON tallies (question_id);

CREATE TABLE campaigns (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace_id      bigint      NOT NULL,
    key               text        NOT NULL,
    name              text        NOT NULL,
    state             text        NOT NULL CHECK (state IN ('draft', 'starting', 'running', 'stopping', 'stopped', 'archived')),
    latest_version    integer     NOT NULL,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL,
    first_started_at  timestamptz,
    started_at        timestamptz,                    -- of the latest start; events from before never trigger
    stopped_at        timestamptz,                    -- of the latest stop that came to its end
    stop_mode         text CHECK (stop_mode IN ('finish', 'now')),  -- of the same: whoever was inside finished, or not
    webhook_token     text UNIQUE,                    -- of a webhook trigger: the unguessable part of its address (1.90)
    dates_cursor      bigint,                         -- last person whose next date was computed; NULL when all are
    dates_after       timestamptz,                    -- the dates being computed lie after this
    dates_computation integer     NOT NULL DEFAULT 0, -- how often everybody's dates have been asked for
    load_state        text CHECK (load_state IN ('loading', 'paused', 'over')),  -- of current matches (12.05), if any
    load_ordered_at   timestamptz,                    -- of the latest order to pause or to resume it
    load_cursor       bigint      NOT NULL DEFAULT 0, -- last person who was looked at
    load_total        bigint,                         -- who matched when the loading began
    loaded            bigint      NOT NULL DEFAULT 0, -- who entered by it
    load_held_back    bigint      NOT NULL DEFAULT 0, -- who was inside already, or had entered as often as allowed
    load_rate         integer     NOT NULL DEFAULT 20, -- entries a second
    load_since        timestamptz,                    -- only matches that began since then; NULL is all (12.07)
    load_version      integer,                        -- the version that was started: who matched its trigger (15.32)
    UNIQUE (workspace_id, key)
);

-- Immutable: a save makes a new row. `document` is the normalised document, block ids filled in.
CREATE TABLE campaign_versions (
    campaign_id  bigint      NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
    version      integer     NOT NULL,
    document     jsonb       NOT NULL,
    segments     text[]      NOT NULL DEFAULT '{}',   -- keys of the segments that it asks about (3.19)
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (campaign_id, version)
);

CREATE SEQUENCE journey_ids;

-- An event whose filters did not match yet (behaviour 4.10). `id` becomes the journey's id if they do.
CREATE TABLE filter_retries (
    id            bigint      PRIMARY KEY,
    workspace_id  bigint      NOT NULL,
    campaign_id   bigint      NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
    person_id     bigint      NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    entered_as    bigint,                             -- whose it was, if they were merged into this person (17.14)
    occurrence    text        NOT NULL,
    event_id      bigint,                             -- NULL: a date that came, not an event
    event_name    text,
    event_at      timestamptz NOT NULL,
    trigger_data  jsonb       NOT NULL,
    depth         smallint    NOT NULL DEFAULT 0,
    received_at   timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    is_over       boolean     NOT NULL DEFAULT false, -- person or filters changed after that: today says nothing any more
    UNIQUE (campaign_id, person_id, occurrence)
);
CREATE INDEX filter_retries_person ON filter_retries (person_id);
CREATE INDEX filter_retries_expiry ON filter_retries (expires_at);
CREATE INDEX filter_retries_campaign ON filter_retries (campaign_id, id);

-- Who triggered a campaign and did not enter, and why (kept, so that "why not" has an answer later).
CREATE TABLE refusals (
    campaign_id   bigint      NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
    person_id     bigint      NOT NULL,
    occurrence    text        NOT NULL,
    workspace_id  bigint      NOT NULL,
    at            timestamptz NOT NULL,
    reason        text        NOT NULL,
    seen          jsonb       NOT NULL,
    retry_id      bigint,                             -- under which its event waited for the filters, if it did
    PRIMARY KEY (campaign_id, person_id, occurrence)
);
CREATE INDEX refusals_person ON refusals (person_id, at);
CREATE INDEX refusals_campaign ON refusals (campaign_id, at);
CREATE INDEX refusals_at ON refusals (at);            -- by which old ones are forgotten
CREATE INDEX refusals_retry ON refusals (retry_id) WHERE retry_id IS NOT NULL;

-- One row per person who ever entered a campaign: the lock and the memory of frequency (behaviour 2.20-2.28).
CREATE TABLE entry_history (
    campaign_id       bigint      NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
    person_id         bigint      NOT NULL,
    first_entered_at  timestamptz NOT NULL,
    last_entered_at   timestamptz NOT NULL,
    entries           integer     NOT NULL,
    has_stopped       boolean     NOT NULL DEFAULT false, -- under every_match: to match, since the last entry (13.09)
    PRIMARY KEY (campaign_id, person_id)
);

-- When a date campaign fires next for a person, and for which calendar date (behaviour 1.68, 1.69). `infinity`: never, as
-- an input has found before the computation of everybody's dates came to the person.
CREATE TABLE date_fires (
    campaign_id  bigint      NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
    person_id    bigint      NOT NULL,
    fire_at      timestamptz NOT NULL,
    date         date        NOT NULL,
    computation  integer     NOT NULL,                -- of the campaign, when this was found
    PRIMARY KEY (campaign_id, person_id)
);
CREATE INDEX date_fires_due    ON date_fires (fire_at);
CREATE INDEX date_fires_person ON date_fires (person_id);

-- When a person who still matches enters a condition campaign: again, when their interval is over (behaviour 2.04); as of
-- the start, if the match began before it and the campaign was started for current matches (12.05); or when a segment is
-- built during which they began to match (3.05). `infinity`: as soon as the journey that is still running ends (2.05), or
-- the segment is built.
CREATE TABLE reentries (
    campaign_id  bigint      NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
    person_id    bigint      NOT NULL,
    due_at       timestamptz NOT NULL,
    kind         text        NOT NULL CHECK (kind IN ('interval', 'start', 'match')),
    depth        smallint    NOT NULL DEFAULT 0,        -- how many campaigns the match came through (6.50)
    PRIMARY KEY (campaign_id, person_id)
);
CREATE INDEX reentries_due    ON reentries (due_at);
CREATE INDEX reentries_person ON reentries (person_id);

-- Forms that have been submitted once, or were connected by hand, with the attributes their fields are written to.
CREATE TABLE forms (
    workspace_id  bigint      NOT NULL,
    form_id       text        NOT NULL,
    type          text        NOT NULL DEFAULT 'form' CHECK (type IN ('form', 'facebook')),
    mapping       jsonb       NOT NULL DEFAULT '{}',  -- field to attribute; what is not in it keeps its name (1.84)
    fields        text[]      NOT NULL DEFAULT '{}',  -- seen so far, to choose from
    created_at    timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, form_id)
);

-- Leads that Facebook has announced and that are not fetched yet: its webhook names them only (behaviour 1.87).
CREATE TABLE leads (
    workspace_id  bigint      NOT NULL,
    lead_id       text        NOT NULL,
    form_id       text        NOT NULL,
    received_at   timestamptz NOT NULL,
    submitted_at  timestamptz,                        -- NULL: when it was announced; that was not said
    attempts      integer     NOT NULL DEFAULT 0,
    due_at        timestamptz,                        -- of the next attempt; NULL when given up
    last_error    text,
    PRIMARY KEY (workspace_id, lead_id)
);
CREATE INDEX leads_due ON leads (due_at);

CREATE TABLE journeys (
    id             bigint      PRIMARY KEY,           -- from journey_ids
    workspace_id   bigint      NOT NULL,
    campaign_id    bigint      NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
    -- No foreign key: the journey outlives the person (9.09). 0 is nobody: the journey of a payload (1.03).
    person_id      bigint      NOT NULL,
    entered_as     bigint,                            -- who entered, if they were merged into this person (17.14)
    occurrence     text        NOT NULL,              -- what made this entry unique, e.g. e1234 for event 1234
    event_id       bigint,
    event_name     text,
    event_at       timestamptz,
    trigger_data   jsonb       NOT NULL DEFAULT '{}', -- frozen for the journey (8.02)
    depth          smallint    NOT NULL DEFAULT 0,    -- how many campaigns the trigger event came through (6.50)
    state          text        NOT NULL CHECK (state IN ('waiting_start', 'running', 'grace', 'finished', 'exited')),
    exit_reason    text,
    version        integer     NOT NULL,              -- of the campaign, when the position was last written
    block          text,                              -- where it stands; NULL before the first and after the last
    arrived_at     timestamptz,
    due_at         timestamptz,
    turn           integer     NOT NULL DEFAULT 0,    -- decisions made so far; the next ask carries this number
    move           jsonb,                             -- the answer to the latest decision, given again if asked again
    ending         text,                              -- an operator asked for the end: the reason
    -- Of a condition campaign: since when the person does not match, and the length of the wait in which they stopped,
    -- if it was in one; the length of the last wait that ended (behaviour 10.51-10.53).
    unmatched_at   timestamptz,
    unmatched_wait interval,
    last_wait      interval,
    filters_met_at timestamptz,                       -- at a message: without exits they are asked once (behaviour 4.08)
    begun_at       timestamptz,                       -- of a journey that waited for the instant to begin (1.19)
    started_at     timestamptz NOT NULL,
    ended_at       timestamptz
) WITH (fillfactor = 80);
-- One entry is one workflow, which is called after who entered, even when they are merged into somebody else.
CREATE UNIQUE INDEX journeys_entry ON journeys (campaign_id, (coalesce(entered_as, person_id)), occurrence);
CREATE INDEX journeys_person ON journeys (person_id, id);
CREATE INDEX journeys_open   ON journeys (campaign_id, id) WHERE state NOT IN ('finished', 'exited');
CREATE INDEX journeys_campaign ON journeys (campaign_id, id);
CREATE INDEX journeys_due    ON journeys (due_at) WHERE state NOT IN ('finished', 'exited');

-- The journey's log: every decision with the data it saw. `place` makes a repeated local activity write once.
CREATE TABLE decisions (
    journey_id  bigint      NOT NULL REFERENCES journeys (id) ON DELETE CASCADE,
    turn        integer     NOT NULL,
    place       integer     NOT NULL,                 -- order within the turn
    at          timestamptz NOT NULL,
    kind        text        NOT NULL,
    block       text,
    text        text        NOT NULL,                 -- in plain words
    seen        jsonb       NOT NULL DEFAULT '{}',
    PRIMARY KEY (journey_id, turn, place)
);

CREATE TABLE deliveries (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key            text        NOT NULL UNIQUE,       -- journey:block:visit, never an attempt or a run
    public_id      text        NOT NULL UNIQUE,       -- opaque, for the outside
    workspace_id   bigint      NOT NULL,
    campaign_id    bigint      NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
    version        integer     NOT NULL,
    journey_id     bigint      NOT NULL,
    person_id      bigint      NOT NULL,
    block          text        NOT NULL,
    channel        text        NOT NULL,
    arm            text        CHECK (arm IN ('original', 'variation')),  -- of an A/B test; NULL if it was in none (6.100)
    -- handing_over: given to the provider, answer not recorded. unknown: a crash or a cut line left it there.
    state          text        NOT NULL CHECK (state IN (
                       'queued', 'drafted', 'attempted', 'handing_over', 'unknown', 'sent', 'deferred', 'delivered', 'opened',
                       'clicked', 'converted', 'bounced', 'suppressed', 'spammed', 'unsubscribed', 'failed',
                       'undeliverable')),
    recipient      text,
    subject        text,
    content        jsonb,                             -- the rendered message, as handed over
    failure        text,
    provider_id    text,
    attempts       integer     NOT NULL DEFAULT 0,
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    times          jsonb       NOT NULL DEFAULT '{}', -- state -> instant it was first reached, of failed the latest (14.20)
    open_is_synthetic boolean  NOT NULL DEFAULT false -- nobody loaded the image: a click told of the open (7.12)
);
CREATE INDEX deliveries_workspace ON deliveries (workspace_id, id);
CREATE INDEX deliveries_campaign ON deliveries (campaign_id, id);
CREATE INDEX deliveries_person   ON deliveries (person_id, id);
CREATE INDEX deliveries_journey  ON deliveries (journey_id);
CREATE INDEX deliveries_unknown  ON deliveries (workspace_id, id) WHERE state = 'unknown';
CREATE INDEX deliveries_untaken  ON deliveries (id) WHERE state = 'attempted' AND channel = 'webhook';  -- tried again

-- Which links of a message were clicked: a row per link, however often, so that nobody can fill the record with clicks.
CREATE TABLE clicked_links (
    delivery_id  bigint      NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    address      text        NOT NULL,
    clicks       integer     NOT NULL,
    first_at     timestamptz NOT NULL,
    last_at      timestamptz NOT NULL,
    PRIMARY KEY (delivery_id, address)
);

-- Signs the links and images of tracked messages. Made here, so each installation has one and nobody knows it.
CREATE TABLE link_secret (
    secret   bytea   NOT NULL,
    is_only  boolean PRIMARY KEY DEFAULT true CHECK (is_only)
);
INSERT INTO link_secret (secret) VALUES (sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')));
