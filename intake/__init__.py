"""How facts come in: from the inbox to people, events, segments and entries, and out to Temporal."""
