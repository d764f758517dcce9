"""Full screens and modals: they compose widgets and route messages."""
