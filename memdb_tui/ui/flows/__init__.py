"""What happens after the user asked: questions, calls to the host, what the panes show then."""
