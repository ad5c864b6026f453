"""The rules of Sojourn: pure functions over frozen data. No clock, no I/O, no Temporal, no web framework."""
