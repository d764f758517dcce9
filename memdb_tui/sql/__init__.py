"""Statement boundaries and tokens of SQLite, for editor and host."""
