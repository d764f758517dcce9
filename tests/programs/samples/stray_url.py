"""SQLAlchemy with the URL that lacks uri=true: everything works, and a file appears."""

from sqlalchemy import create_engine, text

engine = create_engine("sqlite:///file:db3?mode=memory&cache=shared")
with engine.begin() as connection:
    connection.execute(text("CREATE TABLE t (a)"))
with engine.connect() as connection:
    assert connection.execute(text("SELECT count(*) FROM t")).scalar() == 0
