"""What stands in a program: it sees connections being opened, and answers the client; it imports nothing of ours."""
