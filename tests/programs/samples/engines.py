"""SQLAlchemy: a checkout nobody gives back, one given back, a creator, and a URL that is right."""

import sqlite3

from sqlalchemy import create_engine, text
from sqlalchemy.pool import QueuePool, StaticPool

SHARED = "sqlite:///file:m1?mode=memory&cache=shared&uri=true"
right = create_engine(SHARED, poolclass=QueuePool)
kept = right.connect()
kept.execute(text("CREATE TABLE t (a)"))
kept.commit()
with right.connect() as given_back:
    given_back.execute(text("SELECT * FROM t"))
made = create_engine(
    "sqlite://", creator=lambda: sqlite3.connect("file:/m2?vfs=memdb", uri=True), poolclass=StaticPool
)
with made.begin() as connection:
    connection.execute(text("CREATE TABLE t (a)"))
