"""The SQL itself: one file per group of tables, each query named and commented."""
