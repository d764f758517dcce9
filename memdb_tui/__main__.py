"""`python -m memdb_tui`."""

from memdb_tui.cli import main

main()
