"""Connection strings by grammar: right ones, wrong ones, and those that people write."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

ROOT = "{ROOT}"
"""Stands for the folder of the example: absolute paths never lead out of it."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A string, who is given it, and what is given with it."""

    string: str
    kind: str
    connect_args: tuple[tuple[str, object], ...] = ()
    poolclass: str | None = None

    def rooted(self, root: str) -> str:
        return self.string.replace(ROOT, root)


PLAIN_NAMES = ["db1", "n", "a b", "ü", "a+b", "a=b", "a:b", "a@b", "x;y", "there.db", "link", "dangling", "x/"]
MEMORY_NAMES = [":memory:", ":MEMORY:", "memory", ":memory", ":memory:x", "%3Amemory%3A"]
ENCODED_NAMES = [
    "n%31", "%6e", "a%20b", "%2541", "100%", "%zz", "%", "x%3Fy", "x%3Fmode=memory", "x%3fmode=memory%26a=b",
    "%FF", "%C3%BC", "%C3", "x%00y", "%00", "%00x", "x%23y", "a%2Fb", "folder%2Fn", "%252e",
]  # fmt: skip
PATH_NAMES = [
    "./n", "../n", "sub/../n", "folder", "folder/n", "folder/", "missing/n", "there.db/n", ".", "..", "./", "/",
    f"{ROOT}/n", f"{ROOT}/there.db", f"{ROOT}/folder/../n", f"{ROOT}/missing/n", f"{ROOT}/folder", f"{ROOT}//n",
    f"{ROOT}/link", "\\n", "\\", "loop",
]  # fmt: skip
ODD_NAMES = ["", "#", "x#y", "x&amp;y", "&amp;", "?", "\x00", "x\x00y", "\udcff", "\ud800", "\n", "x\ty", "*", "'"]
LONG_NAMES = ["l" * 200, "l" * 256, "d/" * 300 + "x", "l/" * 20 + "x", "m" * 1016, "m" * 1017]

names = st.one_of(
    st.sampled_from(["db1", "db1", "/", "\\n", f"{ROOT}/n", ":memory:", ":memory:", "n%31", ""]),
    st.sampled_from(PLAIN_NAMES),
    *(st.sampled_from(each) for each in (PLAIN_NAMES, MEMORY_NAMES, ENCODED_NAMES, PATH_NAMES, ODD_NAMES)),
    st.sampled_from(LONG_NAMES),
    st.text("abfilemory:?&=%#.0123FfüA \\;+", max_size=12),
)
schemes = st.sampled_from(["file:"] * 8 + ["", "FILE:", "File:", "file", "file:file:", " file:"])
authorities = st.sampled_from([""] * 12 + ["//", "//localhost", "//LOCALHOST", "//host", "//localhost:80"])
right_parameters = st.sampled_from(
    ["mode=memory", "cache=shared", "vfs=memdb", "mode=rw", "mode=ro", "mode=rwc", "cache=private"]
)
parameter_names = st.sampled_from(
    ["mode", "cache", "vfs", "MODE", "Cache", "Vfs", "immutable", "nolock", "modeof", "psow", "foo", "", "%6Dode",
     "mo%00de", "amp;mode", "%00", "uri", "timeout", "cach%65", "key", "%FF", "mode%3D"]
)  # fmt: skip
parameter_values = st.sampled_from(
    ["memory", "Memory", "ro", "rw", "rwc", "shared", "private", "Shared", "memdb", "unix", "unix-none",
     "unix-dotfile", "unix-excl", "nope", "", "1", "0", "true", "no", "%6Demory", "mem%00ory", "%00", "%FF",
     "ü", "there.db", "missing", "memory=", "mode=memory", " memory", "memory%20", "share%64", "50", "%26"]
)  # fmt: skip
parameters = st.one_of(
    right_parameters,
    right_parameters,
    st.builds(lambda name, value: f"{name}={value}", parameter_names, parameter_values),
    parameter_names,
)
driver_parameters = st.sampled_from(
    ["timeout=1", "timeout=x", "check_same_thread=no", "check_same_thread=maybe", "isolation_level=DEFERRED",
     "isolation_level=bogus", "detect_types=1", "detect_types=1.5", "cached_statements=5", "uri=false", "uri=maybe",
     "uri=1", "URI=true", "plugin=nope", "isolation_level=", "timeout=1&timeout=2"]
)  # fmt: skip
separators = st.sampled_from(["&"] * 20 + ["&amp;", ";", "&&", "%26"])
question_marks = st.sampled_from(["?"] * 20 + ["%3F", "??", "?&", "%3f"])
fragments = st.sampled_from([""] * 20 + ["#", "#f", "#?mode=memory", "%23f"])


@st.composite
def queries(draw: st.DrawFn, *, for_url: bool) -> str:
    parts = draw(
        st.one_of(
            st.sampled_from(
                [["mode=memory"], ["vfs=memdb"], ["cache=shared", "mode=memory"], ["cache=shared", "vfs=memdb"]]
            ),
            st.lists(parameters, max_size=4),
        )
    )
    parts = [*parts, *draw(st.sampled_from([[], [], draw(st.lists(parameters, max_size=2))]))]
    if for_url:
        parts += draw(st.lists(driver_parameters, max_size=1))
        parts += draw(st.sampled_from([["uri=true"], ["uri=true"], ["uri=true"], []]))
        parts = draw(st.permutations(parts))
    if not parts:
        return ""
    text = str(parts[0])
    for part in parts[1:]:
        text += draw(separators) + part
    return str(draw(question_marks)) + text


@st.composite
def uri_like(draw: st.DrawFn, *, for_url: bool) -> str:
    scheme = draw(schemes)
    name: str = draw(names)
    authority = draw(authorities) if scheme and (name.startswith(ROOT) or not name.startswith("/")) else ""
    return scheme + authority + name + draw(queries(for_url=for_url)) + draw(fragments)


connect_keywords = st.sampled_from(
    [*[()] * 30, (("timeout", 1.5),), (("timeout", "x"),), (("journal_mode", "WAL"),), (("uri", True),),
     (("uri", False),), (("uri", "file:x?mode=memory"),), (("uri", 0),), (("check_same_thread", False),),
     (("isolation_level", None),), (("isolation_level", "bogus"),), (("detect_types", 3),), (("detect_types", "x"),),
     (("cached_statements", 10),), (("database", "x"),), (("detect_types", 2**80),), (("timeout", None),)]
)  # fmt: skip
pool_names = st.sampled_from(
    [*[None] * 12, "StaticPool", "NullPool", "QueuePool", "SingletonThreadPool", "AsyncAdaptedQueuePool"]
)
beginnings = st.sampled_from(
    ["sqlite:///"] * 12 + ["sqlite+pysqlite:///", "sqlite://", "sqlite:/", "sqlite:", "SQLITE:///", "sqlite3:///",
     "sqlite+pysqlite3:///", "sqlite://host/", "sqlite://u:p@/", "sqlite://@/", "sqlite://:/", "sqlite://:80/",
     "sqlite://[::1]/"]
)  # fmt: skip


@st.composite
def raw_attempts(draw: st.DrawFn) -> Attempt:
    return Attempt(
        draw(uri_like(for_url=False)),
        draw(st.sampled_from(["sqlite3-uri", "sqlite3-uri", "sqlite3-path"])),
        draw(connect_keywords),
    )


@st.composite
def url_attempts(draw: st.DrawFn) -> Attempt:
    return Attempt(
        draw(beginnings) + draw(uri_like(for_url=True)),
        "sqlalchemy-url",
        draw(connect_keywords),
        draw(pool_names),
    )


fuzz = st.builds(
    Attempt,
    st.text("sqlite:/filemory?&=%#.0123FabvcdhrwD\\@[] \x00\udcff", max_size=60),
    st.sampled_from(["sqlite3-uri", "sqlite3-path", "sqlalchemy-url"]),
)
