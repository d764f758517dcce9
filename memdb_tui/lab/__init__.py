"""Claims about in-memory SQLite, run for real: recipes, each in a process of its own.

A recipe is one file of `memdb_tui.lab.recipes`. `memdb_tui.lab.shelf` finds them, `memdb_tui.lab.runner` runs them,
`memdb_tui.lab.report` puts what happened into words and JSON.
"""
