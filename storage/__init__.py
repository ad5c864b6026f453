"""Where facts are kept: one module per group of tables, on named SQL. Functions take a connection and never commit."""
