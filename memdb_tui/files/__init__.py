"""Which files the session makes, changes and removes, and who made them."""
