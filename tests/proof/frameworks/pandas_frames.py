"""pandas with a connection of sqlite3, with an engine, and with a URL, of which it makes an engine for each call."""

import sqlite3

import openings  # noqa: F401 - its account begins here
import pandas as pd
from sqlalchemy import create_engine

URL = "sqlite:///file:frames?mode=memory&cache=shared&uri=true"
FRAME = pd.DataFrame({"title": ["Emma", "Persuasion"], "pages": [474, 249]})


def by_sqlite3() -> None:
    connection = sqlite3.connect(":memory:")
    FRAME.to_sql("book", connection)
    print(pd.read_sql("SELECT * FROM book", connection))
    connection.close()


def by_engine() -> None:
    engine = create_engine(URL)
    FRAME.to_sql("book", engine)
    print(pd.read_sql_table("book", engine))
    by_url()
    engine.dispose()


def by_url() -> None:
    print(pd.read_sql("SELECT sum(pages) FROM book", URL))


by_sqlite3()
by_engine()
