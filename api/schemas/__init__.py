"""Shapes at the wire, for the documentation and for answers."""
