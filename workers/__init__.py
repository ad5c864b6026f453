"""Composition roots: each module builds one process from its settings and runs it until it is told to stop."""
