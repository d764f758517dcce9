"""Installed and not asked for, the plugin costs nothing."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]


def test_nothing_else_is_imported_without_an_option(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_imports():
            ours = sorted(name for name in sys.modules if name.partition(".")[0] == "memdb_tui")
            assert ours == ["memdb_tui", "memdb_tui.pytest_plugin"]
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:hypothesispytest", "-p", "no:asyncio")
    result.assert_outcomes(passed=1)


def test_no_hook_of_ours_runs_for_a_test_without_an_option(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_hooks(pytestconfig):
            manager = pytestconfig.pluginmanager
            ours = [plugin for name, plugin in manager.list_name_plugin() if name.startswith(("memdb", "memdb_tui"))]
            assert len(ours) == 1
            hooks = {caller.name for caller in manager.get_hookcallers(ours[0])}
            assert hooks == {"pytest_addoption", "pytest_load_initial_conftests", "pytest_configure"}
        """
    )
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1)


def test_the_options_are_in_the_help(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("--help")
    result.stdout.fnmatch_lines(["*in-memory SQLite databases:", "*--memdb-inspect*", "*--memdb-no-stray*"])
