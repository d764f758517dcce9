"""What works in the process that owns the databases; standard library alone."""
