"""What a connection string will do, said before it does it."""
