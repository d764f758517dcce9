"""Where claims were read."""

from __future__ import annotations

ARTICLE = "SQLite In-Memory Database Creates File Despite mode=memory Parameter"
"""The title of the article whose every claim is a recipe here."""


def article(place: str) -> str:
    """Return the source of a claim of the article: its title and the place in it."""
    return f"“{ARTICLE}”, {place}"
