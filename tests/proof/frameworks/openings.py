"""Keeps an account of its own of what a process opens, in the file that OPENINGS names: a process, a string."""

import os
import sys

_ACCOUNT = os.open(os.environ["OPENINGS"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)


def _note(event: str, args: tuple[object, ...]) -> None:
    if event == "sqlite3.connect":
        os.write(_ACCOUNT, f"{os.getpid()} {args[0]}\n".encode())


sys.addaudithook(_note)
