"""Connection strings are read out of code, and the code is never run."""

from __future__ import annotations

import pytest
from sqlalchemy import pool

from memdb_tui.explain import Kind
from memdb_tui.explain.code_line import Found, is_code, parse_code


def only(source: str) -> Found:
    (found,) = parse_code(source)
    return found


def test_create_engine_with_everything() -> None:
    found = only(
        'engine = sa.create_engine("sqlite:///x?mode=memory", echo=True, connect_args={"uri": True, "timeout": t},'
        " poolclass=pool.StaticPool)"
    )
    assert (found.string, found.kind) == ("sqlite:///x?mode=memory", Kind.SQLALCHEMY_URL)
    assert found.connect_args == {"uri": True}
    assert found.unknown == ("timeout",)
    assert found.poolclass == "StaticPool"


@pytest.mark.parametrize(
    ("source", "kind", "connect_args"),
    [
        ('sqlite3.connect("file:x", uri=True)', Kind.SQLITE3_URI, {"uri": True}),
        ('sqlite3.connect("file:x")', Kind.SQLITE3_PATH, {}),
        ('sqlite3.connect(database="file:x", timeout=3)', Kind.SQLITE3_PATH, {"timeout": 3}),
        ('sqlite3.connect("file:x", 5.0, 0, None, False, sqlite3.Connection, 10, True)', Kind.SQLITE3_URI, None),
        ('async with aiosqlite.connect("file:x", uri=True) as db: pass', Kind.SQLITE3_URI, {"uri": True}),
        ('connect("file:x", uri=False)', Kind.SQLITE3_PATH, {"uri": False}),
    ],
)
def test_connect(source: str, kind: Kind, connect_args: dict[str, object] | None) -> None:
    found = only(source)
    assert (found.string, found.kind) == ("file:x", kind)
    if connect_args is not None:
        assert found.connect_args == connect_args


@pytest.mark.parametrize(
    "source",
    [
        'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "x", "OPTIONS": {"timeout": 3}}}',
        '"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "x", "OPTIONS": {"timeout": 3}},',
        '{"ENGINE": "django.db.backends.sqlite3", "NAME": "x", "OPTIONS": {"timeout": 3}}',
    ],
)
def test_a_django_entry(source: str) -> None:
    found = only(source)
    assert (found.string, found.kind, found.connect_args) == ("x", Kind.DJANGO, {"timeout": 3})


@pytest.mark.parametrize(
    ("source", "string"),
    [
        ('create_engine(f"sqlite:///file:{name}?mode=memory")', "sqlite:///file:{name}?mode=memory"),
        ('create_engine(f"sqlite:///{settings.path}")', "sqlite:///{path}"),
        ('create_engine(f"sqlite:///{a[0]!r:>3}")', "sqlite:///{value}"),
        ('create_engine("sqlite:///" + name + ".db")', "sqlite:///{name}.db"),
        ('create_engine("sqlite:///file:x"\n "?mode=memory")', "sqlite:///file:x?mode=memory"),
        ('create_engine(make_url("sqlite://"))', "sqlite://"),
        ('create_engine(url="sqlite://")', "sqlite://"),
    ],
)
def test_parts_known_only_at_run_time_are_placeholders(source: str, string: str) -> None:
    assert only(source).string == string


@pytest.mark.parametrize(
    "text",
    [
        *("sqlite:///file:x?mode=memory", "file:x", ":memory:", "", "db1"),
        *("create_engine(url)", "socket.connect('x')", 'print("sqlite://")', "a(", "x\0y", "(" * 5000),
    ],
)
def test_what_hands_over_no_string_is_not_code(text: str) -> None:
    assert not is_code(text)


def test_code_is_never_run() -> None:
    found = only('create_engine("sqlite://", connect_args={"timeout": __import__("os").abort()})')
    assert found.unknown == ("timeout",)


@pytest.mark.parametrize(
    ("source", "unknown"),
    [
        ('create_engine("sqlite://", connect_args=args)', ("connect_args",)),
        ('create_engine("sqlite://", connect_args={"uri": True, **settings.more})', ("**more",)),
        ('create_engine("sqlite://", connect_args=None, poolclass=None)', ()),
        ('create_engine("sqlite://", poolclass=OurPool)', ("poolclass",)),
        ('create_engine("sqlite://", poolclass=pick())', ("poolclass",)),
        ('create_engine("sqlite://", poolclass=StaticPool)', ()),
        ('create_engine("sqlite://", creator=lambda: sqlite3.connect(path))', ("creator",)),
        ('create_engine("sqlite://", **options)', ("**options",)),
        ('sqlite3.connect("file:x", **options)', ("**options",)),
        ('{"ENGINE": "django.db.backends.sqlite3", "NAME": "x", "OPTIONS": OPTIONS}', ("OPTIONS",)),
    ],
)
def test_what_is_known_only_at_run_time_is_named(source: str, unknown: tuple[str, ...]) -> None:
    assert only(source).unknown == unknown


def test_every_pool_of_sqlalchemy_is_known_by_its_name() -> None:
    pools = {name for name, value in vars(pool).items() if isinstance(value, type) and issubclass(value, pool.Pool)}
    for name in pools - {"Pool"}:
        found = only(f'create_engine("sqlite://", poolclass={name})')
        assert (found.poolclass, found.unknown) == (name, ())
