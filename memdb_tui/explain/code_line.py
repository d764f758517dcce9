"""Connection strings in Python source, read with `ast` and never run."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import field

from memdb_tui.explain.explanation import Kind
from memdb_tui.frozen import dataclass

_ENGINES = frozenset({"create_engine", "create_async_engine"})
_SQLITE_MODULES = frozenset({"sqlite3", "aiosqlite", "dbapi2", "pysqlite3"})
_CONNECT_POSITIONS = (
    "database",
    "timeout",
    "detect_types",
    "isolation_level",
    "check_same_thread",
    "factory",
    "cached_statements",
    "uri",
)
"""The positional parameters of `sqlite3.connect` (https://docs.python.org/3/library/sqlite3.html)."""
_POOLS = frozenset(
    {
        "AssertionPool",
        "AsyncAdaptedQueuePool",
        "FallbackAsyncAdaptedQueuePool",
        "NullPool",
        "QueuePool",
        "SingletonThreadPool",
        "StaticPool",
    }
)
"""The names of `sqlalchemy.pool` (https://docs.sqlalchemy.org/en/21/core/pooling.html); any other is a variable."""
_BESIDE_THE_URL = ("creator", "pool")
"""Arguments of `create_engine` that make the connections themselves, whatever the URL says."""
_NOT_LITERAL = object()


@dataclass(frozen=True, slots=True)
class Found:
    """A connection string in source code, with what is passed beside it.

    Attributes:
        string: The string; a part that is known only at run time stands as `{name}`.
        kind: Who is given the string.
        line: The line it stands on, from 1.
        column: The column it begins at, from 1.
        connect_args: The literal keyword arguments that go with it.
        poolclass: The name of the pool class, if one is named.
        unknown: Names of the arguments whose values are known only at run time.
        is_call: Whether it is an argument of a known call, and not a string by itself.
    """

    string: str
    kind: Kind
    line: int
    column: int
    connect_args: Mapping[str, object] = field(default_factory=dict)
    poolclass: str | None = None
    unknown: tuple[str, ...] = ()
    is_call: bool = True


def parse_code(source: str) -> tuple[Found, ...]:
    """Return the connection strings that calls and Django settings in a piece of Python source hand over.

    Args:
        source: Python source, or an entry of Django's DATABASES: `"default": {"ENGINE": …, "NAME": …}`.

    Raises:
        SyntaxError: It is not Python.
        ValueError: It contains NUL characters, or is nested too deeply.
    """
    try:
        tree = _parse(source)
    except SyntaxError:
        tree = _parse("{" + source.strip().rstrip(",") + "}")
    return tuple(calls_in(tree))


def is_code(text: str) -> bool:
    """Return whether a text is a line of code and not a connection string."""
    try:
        return bool(parse_code(text))
    except (SyntaxError, ValueError):
        return False


def calls_in(tree: ast.AST) -> Iterator[Found]:
    """Yield the connection strings that calls and Django settings hand over, in the order of the source."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            found = _engine(node) if _called(node) in _ENGINES else _connect(node)
        elif isinstance(node, ast.Dict):
            found = _django(node)
        else:
            continue
        if found is not None:
            yield found


def text_of(node: ast.expr | None) -> str | None:
    """Return the text of a string expression, with `{name}` for parts known only at run time.

    None where it is no string expression, or nothing in it is literal.
    """
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        parts = [
            value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else _placeholder(value)
            for value in node.values
        ]
        return "".join(parts)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = text_of(node.left), text_of(node.right)
        if left is None and right is None:
            return None
        return (_placeholder(node.left) if left is None else left) + (
            _placeholder(node.right) if right is None else right
        )
    if isinstance(node, ast.Call) and _called(node) in {"make_url", "str", "URL"} and len(node.args) == 1:
        return text_of(node.args[0])
    return None


def _parse(source: str) -> ast.AST:
    try:
        return ast.parse(source.strip())
    except (RecursionError, MemoryError) as error:
        raise ValueError("the source is nested too deeply") from error


def _placeholder(node: ast.expr) -> str:
    inner = node.value if isinstance(node, ast.FormattedValue) else node
    if isinstance(inner, ast.Attribute):
        return "{" + inner.attr + "}"
    return "{" + (inner.id if isinstance(inner, ast.Name) else "value") + "}"


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _engine(node: ast.Call) -> Found | None:
    keywords = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    url = node.args[0] if node.args else keywords.get("url")
    text = text_of(url)
    if text is None or url is None:
        return None
    connect_args, unknown = _mapping("connect_args", keywords.get("connect_args"))
    pool = keywords.get("poolclass")
    named = pool.attr if isinstance(pool, ast.Attribute) else pool.id if isinstance(pool, ast.Name) else None
    poolclass = named if named in _POOLS else None
    if poolclass is None and not _is_left_out(pool):
        unknown += ("poolclass",)
    unknown += tuple(name for name in _BESIDE_THE_URL if not _is_left_out(keywords.get(name))) + _spread(node)
    return Found(text, Kind.SQLALCHEMY_URL, url.lineno, url.col_offset + 1, connect_args, poolclass, unknown)


def _connect(node: ast.Call) -> Found | None:
    if _called(node) != "connect" or not _is_sqlite_connect(node.func):
        return None
    arguments: dict[str, ast.expr] = dict(zip(_CONNECT_POSITIONS, node.args, strict=False))
    arguments |= {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    name = arguments.pop("database", None)
    text = text_of(name)
    if text is None or name is None:
        return None
    connect_args, unknown = _known(arguments)
    connect_args.pop("factory", None)
    kind = Kind.SQLITE3_URI if connect_args.get("uri") else Kind.SQLITE3_PATH
    return Found(text, kind, name.lineno, name.col_offset + 1, connect_args, None, unknown + _spread(node))


def _is_sqlite_connect(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return True
    if not isinstance(function, ast.Attribute):
        return False
    owner = function.value
    name = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
    return name in _SQLITE_MODULES


def _django(node: ast.Dict) -> Found | None:
    entries = {
        key.value: value
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }
    engine, name = text_of(entries.get("ENGINE")), entries.get("NAME")
    text = text_of(name)
    if engine is None or "sqlite" not in engine or text is None or name is None:
        return None
    connect_args, unknown = _mapping("OPTIONS", entries.get("OPTIONS"))
    return Found(text, Kind.DJANGO, name.lineno, name.col_offset + 1, connect_args, None, unknown)


def _mapping(name: str, node: ast.expr | None) -> tuple[dict[str, object], tuple[str, ...]]:
    """Return what is literal in a dict of arguments, and the names of the rest; its own name if it is a variable."""
    if _is_left_out(node):
        return {}, ()
    if not isinstance(node, ast.Dict):
        return {}, (name,)
    entries = list(zip(node.keys, node.values, strict=True))
    known, unknown = _known(
        {key.value: value for key, value in entries if isinstance(key, ast.Constant) and isinstance(key.value, str)}
    )
    return known, unknown + tuple(f"**{_placeholder(value).strip('{}')}" for key, value in entries if key is None)


def _is_left_out(node: ast.expr | None) -> bool:
    return node is None or (isinstance(node, ast.Constant) and node.value is None)


def _spread(node: ast.Call) -> tuple[str, ...]:
    """Return the mappings that a call is given with `**`."""
    return tuple(f"**{_placeholder(each.value).strip('{}')}" for each in node.keywords if each.arg is None)


def _known(arguments: Mapping[str, ast.expr]) -> tuple[dict[str, object], tuple[str, ...]]:
    """Return the arguments whose values stand in the source, and the names of the others."""
    values = {name: _literal(node) for name, node in arguments.items()}
    known = {name: value for name, value in values.items() if value is not _NOT_LITERAL}
    return known, tuple(name for name in values if name not in known)


def _literal(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return _NOT_LITERAL
