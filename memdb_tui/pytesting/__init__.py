"""What the pytest plugin does once an option or a fixture asks for it."""
