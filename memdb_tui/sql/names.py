"""Names as SQLite reads them in SQL text."""

from __future__ import annotations


def quote_identifier(name: str) -> str:
    """`name` as an identifier that no keyword or character can change: `a"b` becomes `"a""b"`."""
    return '"' + name.replace('"', '""') + '"'


def unquote(token: str) -> str:
    """The text that a string literal or an identifier stands for; a bare name stands for itself.

    SQLite quotes with `'`, `"` and backticks, doubled within, and with `[ ]`, which have no escape
    (https://sqlite.org/lang_keywords.html).
    """
    quote = token[:1]
    if quote in {"'", '"', "`"}:
        return token[1:-1].replace(quote * 2, quote)
    return token[1:-1] if quote == "[" else token
