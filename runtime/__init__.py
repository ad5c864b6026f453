"""Process plumbing: settings, clock, logs, shutdown, the Temporal client, and the embedded stack."""
