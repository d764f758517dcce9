"""Errors out of sqlite3, each printed as Python prints it; the last one ends the program."""

import sqlite3
import traceback
from typing import Any


class Own(sqlite3.Connection):
    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        if "refuse" in str(args):
            raise ValueError("refused by the program's own class")


def attempt(*args: Any, **keywords: Any) -> None:
    try:
        print(type(sqlite3.connect(*args, **keywords)))
    except Exception:  # noqa: BLE001 - printed as it is
        traceback.print_exc()


attempt("missing/folder.db")
attempt()
attempt(":memory:", nonsense=1)
attempt(":memory:", factory=Own)
attempt("refuse", factory=Own)
attempt(":memory:", factory=lambda *_, **__: "not a connection")
attempt(b":memory:", isolation_level="EXCLUSIVE")
attempt(7)
sqlite3.connect("file:x?mode=ro&cache=nonsense", uri=True)
