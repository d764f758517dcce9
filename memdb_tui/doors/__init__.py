"""The doors that open from inside a program: `memdb_tui.inspect()` and `memdb_tui.listen()`.

They stand in the user's process, so they import the probe and the standard library alone, and nothing of theirs
raises into the program.
"""
