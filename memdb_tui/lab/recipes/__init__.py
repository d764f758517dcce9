"""The recipes, a file each; what a file has to define is said in `memdb_tui.lab.recipe`."""
