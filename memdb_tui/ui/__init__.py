"""The terminal UI: a Textual app that is a client of the host."""
