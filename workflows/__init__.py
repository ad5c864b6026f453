"""When things happen: small, deterministic interpreters that know no rules (docs/journeys.md).

A change in the order or kind of commands breaks journeys that are asleep: guard it with a patch (`patches.py`) and let
`tests/replay` show that recorded histories still run.
"""
