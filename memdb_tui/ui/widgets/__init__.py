"""Pictures: widgets that show values and say what the user asked for."""
