"""How a connection ended: closed by the line that ran, or perhaps collected as garbage while it ran."""

from __future__ import annotations

import dis
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from probe_hub import Hub

from memdb_tui.probe.closing import BETWEEN, EXTENDED, LOADS, calls_close

Write = Callable[[str], Path]
PYTHONS = [
    Path(sys.executable),
    *sorted(Path.home().glob(".pyenv/versions/3.1[1-9]*/bin/python")),
    *(Path(found) for found in [os.environ.get("MEMDB_TUI_PYTHON314") or shutil.which("python3.14")] if found),
]
_HEAD = """
    import contextlib, gc, sqlite3, weakref

    def opened(way, factory=sqlite3.Connection):
        return sqlite3.connect(f"file:{way.__name__}?mode=memory", uri=True, factory=factory)

    def dropped(way):
        connection = opened(way)
        connection.execute("select 1")
        # Without this it would be garbage all the same: it and its cache of statements hold each other.
        holder = lambda: (connection, holder)
        return weakref.ref(holder)
"""
CLOSED = f"""{_HEAD}
    gc.disable()

    class Own(sqlite3.Connection):
        def close(self):
            super().close()

    def plainly():
        opened(plainly).close()

    def often():
        for _ in range(100):
            opened(often).close()

    def at_the_end_of_a_block():
        with contextlib.closing(opened(at_the_end_of_a_block)):
            pass

    def by_a_class():
        opened(by_a_class, Own).close()

    def by_a_stack():
        with contextlib.ExitStack() as stack:
            stack.enter_context(contextlib.closing(opened(by_a_stack)))

    def while_it_fails():
        c = opened(while_it_fails)
        with contextlib.suppress(ValueError):
            try:
                raise ValueError
            finally:
                c.close()

    def among_many_names():
        c = opened(among_many_names)
        if c is None:
            {"; ".join(f"c.name{number}" for number in range(300))}
        c.close()

    for way in (plainly, often, at_the_end_of_a_block, by_a_class, by_a_stack, while_it_fails, among_many_names):
        way()
"""
UNCERTAIN = f"""{_HEAD}
    class Other:
        def close(self, really):
            return really

    def by_the_collector():
        dropped(by_the_collector)
        gc.collect()

    def in_an_innocent_line():
        lives, grown = dropped(in_an_innocent_line), []
        # The collector may be at rest for a moment: while the probe's thread works.
        while lives():
            grown += [[number] for number in range(1_000)]

    def under_another_name():
        shut = opened(under_another_name).close
        shut()

    def by_a_stack():
        with contextlib.ExitStack() as stack:
            stack.callback(opened(by_a_stack).close)

    def within_the_arguments_of_another_close():
        dropped(within_the_arguments_of_another_close)
        Other().close(gc.collect())

    for way in (
        by_the_collector, in_an_innocent_line, under_another_name, by_a_stack, within_the_arguments_of_another_close
    ):
        way()
"""


@pytest.mark.parametrize("trace", [False, True], ids=["", "trace"])
@pytest.mark.parametrize("python", PYTHONS, ids=lambda path: path.parts[-3])
@pytest.mark.parametrize(("text", "is_certain"), [(CLOSED, True), (UNCERTAIN, False)], ids=["closed", "uncertain"])
def test_a_call_of_close_is_told_from_what_may_have_been_the_collector(
    hub: Hub, written: Write, text: str, python: Path, *, is_certain: bool, trace: bool
) -> None:
    running = hub.run(written(text), python=str(python), trace=trace)
    client = hub.met()
    client.read_to_end()
    assert running.end() == (0, "", "")
    assert client.bye is not None
    assert client.bye["failures"] == []
    found = {
        (each["database"].removeprefix("file:").partition("?")[0], each["closed_by"][2]): each["closed_for_certain"]
        for each in client.bye["connections"]
    }
    assert set(found.values()) == {is_certain}, found
    assert len({way for way, _ in found}) == text.count("    def ") - 2 - text.count("class ")
    # The line is the program's own in any case; what a generator expression is called differs.
    assert all(by.partition(".")[0] in {way, "Own"} for way, by in found), found


@pytest.mark.skipif(sys.version_info[:2] not in LOADS, reason="nothing is known of this Python")
def test_the_opcodes_are_those_of_this_python() -> None:
    version = sys.version_info[:2]
    known = {name: opcode for name, (opcode, _) in LOADS[version].items()} | BETWEEN.get(version, {})
    known["EXTENDED_ARG"] = EXTENDED[version]
    assert {name: dis.opmap[name] for name in known} == known


@pytest.mark.skipif(sys.version_info[:2] not in LOADS, reason="nothing is known of this Python")
@pytest.mark.parametrize("before", [0, 1, 100, 127, 128, 200, 255, 256, 300, 40_000])
def test_no_other_method_is_taken_for_it_among_any_number_of_names(before: int) -> None:
    names = [*(f"m{number}" for number in range(before)), "close", *(f"n{number}" for number in range(600))]
    code = compile("\n".join(f"x.{name}()" for name in names), "many", "exec")

    looked_up, found = "", []
    for each in dis.get_instructions(code):
        if each.opname in LOADS[sys.version_info[:2]]:
            looked_up = each.argval
        elif each.opname == "CALL" and calls_close((code, each.offset, 0)):
            found.append(looked_up)
    assert found == ["close"]
