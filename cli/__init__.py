"""The command line: `sojourn`, one typed command per thing an operator or a developer does."""
