"""The subcommands of `memdb-tui`, a module each, imported only when they are called."""
