"""Children that cannot be followed: each is listed with the reason, and no other is."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from probe_hub import Hub

from memdb_tui.probe.children import RUN_VARIABLE, why_not_followed

Write = Callable[[str], Path]
FOLLOWED = ""
NOT_PYTHON = "it is not Python"
NOT_LED = "its environment is without what is needed to follow it"
VARIABLES = {RUN_VARIABLE: json.dumps({"folder": "/boot"}), "PYTHONPATH": "/boot", "PATH": os.environ["PATH"]}


def started_with(option: str) -> str:
    return f"Python was started with {option}"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["python3", "app.py", "-I"], FOLLOWED),
        (["python3", "-c", "pass", "-I"], FOLLOWED),
        (["python3", "-mIE", "-I"], FOLLOWED),
        (["python3", "-bm", "app", "-E"], FOLLOWED),
        (["python3", "-X", "dev", "app.py"], FOLLOWED),
        (["python3", "-XIS", "-WE", "-W", "-I", "app.py"], FOLLOWED),
        (["python3", "-", "-I"], FOLLOWED),
        (["python3", "--", "-I"], FOLLOWED),
        (["python3", "--check-hash-based-pycs", "-I", "app.py"], FOLLOWED),
        (["python3", "-I"], started_with("-I")),
        (["python3", "-X", "dev", "-I", "app.py"], started_with("-I")),
        (["python3", "-Xutf8", "-I", "-c", "pass"], started_with("-I")),
        (["python3", "-W", "error", "-E", "app.py"], started_with("-E")),
        (["python3", "-uWerror", "-S", "app.py"], started_with("-S")),
        (["python3", "-IB", "-m", "app"], started_with("-I")),
        (["python3", "-bEc", "pass"], started_with("-E")),
        (["python3", "--check-hash-based-pycs", "never", "-S", "app.py"], started_with("-S")),
        (["true", "-I"], NOT_PYTHON),
        (["sh", "-c", "python3 app.py"], FOLLOWED),
        (["env", "python3", "app.py"], FOLLOWED),
        (["env", "A=1", "PYTHONPATH=/src:/boot", "python3", "app.py"], FOLLOWED),
        (["env", "-u", "HOME", "-C", "/tmp", "python3", "app.py"], FOLLOWED),
        (["env", "-", f"{RUN_VARIABLE}={VARIABLES[RUN_VARIABLE]}", "PYTHONPATH=/boot", "python3"], FOLLOWED),
        (["env", "-i", "python3", "app.py"], NOT_LED),
        (["env", "-", "A=1", "python3", "app.py"], NOT_LED),
        (["env", "--ignore-environment", "PATH=/bin", "python3"], NOT_LED),
        (["env", "-u", "PYTHONPATH", "python3", "app.py"], NOT_LED),
        (["env", "-vuPYTHONPATH", "python3", "app.py"], NOT_LED),
        (["env", "--unset=PYTHONPATH", "python3", "app.py"], NOT_LED),
        (["env", "--unset", RUN_VARIABLE, "python3", "app.py"], NOT_LED),
        (["env", "PYTHONPATH=/src", "python3", "app.py"], NOT_LED),
        (["env", "A=1", "python3", "-I"], started_with("-I")),
        (["env", "-S", "A=1 python3 -u -E", "app.py"], started_with("-E")),
        (["env", "-Spython3 -S", "app.py"], started_with("-S")),
        (["env", "--", "env", "-i", "sh", "-c", "python3"], NOT_LED),
        (["timeout", "5", "python3", "app.py", "-I"], FOLLOWED),
        (["timeout", "-k", "3", "--signal=INT", "5", "python3", "-I", "app.py"], started_with("-I")),
        (["timeout", "--kill-after", "3", "5", "env", "-i", "python3"], NOT_LED),
        (["timeout", "5", "true", "python3", "-I"], NOT_PYTHON),
        (["nice", "-n", "5", "python3", "-E"], started_with("-E")),
        (["nice", "-5", "nohup", "setsid", "--wait", "python3", "-S"], started_with("-S")),
        (["nohup", "python3"], FOLLOWED),
        (["timeout"], NOT_PYTHON),
        (["sh", "-c", "python3 -I app.py"], started_with("-I")),
        (["bash", "-ec", "A=1 timeout 5 python3 -E"], started_with("-E")),
        (["sh", "-c", "PYTHONPATH=/src python3"], NOT_LED),
        (["sh", "-c", "echo python3 -I"], FOLLOWED),
        (["sh", "-c", "exec python3 -I"], started_with("-I")),
        (["sh", "-c", "cd /; python3 -I"], FOLLOWED),
        (["sh", "-c"], FOLLOWED),
        (["sh", "script.sh", "-c", "python3 -I"], FOLLOWED),
        (["env", "true"], NOT_PYTHON),
        (["env"], NOT_PYTHON),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_the_words_of_a_command_tell_whether_it_is_followed(words: list[str], reason: str) -> None:
    assert why_not_followed(words[0], words, VARIABLES) == reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, FOLLOWED),
        ({"PYTHONPATH": f"/src{os.pathsep}/boot"}, FOLLOWED),
        ({"PYTHONPATH": "/src"}, NOT_LED),
        ({RUN_VARIABLE: "/boot"}, NOT_LED),
        ({RUN_VARIABLE: "[]"}, NOT_LED),
        ({RUN_VARIABLE: "\udcff"}, NOT_LED),
    ],
)
def test_the_environment_has_to_lead_to_us(changes: dict[str, str], reason: str) -> None:
    assert why_not_followed("python3", ["python3"], VARIABLES | changes) == reason
    assert why_not_followed("python3", ["python3"], {}) == NOT_LED


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("#!/usr/bin/python3", FOLLOWED),
        ("#!/usr/bin/env python3", FOLLOWED),
        ("#! /usr/bin/python3 -Es", started_with("-E")),
        ("#!/usr/bin/env -S python3 -I", started_with("-I")),
        ("#!/bin/sh", NOT_PYTHON),
        ("python", NOT_PYTHON),
        ("#!/opt/python/bin/node", NOT_PYTHON),
    ],
)
def test_the_first_line_of_a_script_has_words_too(line: str, reason: str, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text(f"{line}\n")
    assert why_not_followed(str(script), [str(script), "-S"], VARIABLES) == reason
    assert why_not_followed("script", ["script", "-S"], VARIABLES | {"PATH": f"/none:{tmp_path}"}) == reason


@pytest.mark.skipif(not shutil.which("env"), reason="no env")
def test_every_child_is_met_or_listed_and_never_both(hub: Hub, written: Write) -> None:
    met = [["-X", "dev"], ["-W", "error"], ["-Xutf8"], ["-b"], ["-u"]]
    listed = [["-X", "dev", "-I"], ["-W", "error", "-E"], ["-Xutf8", "-I"], ["-bI"], ["-sE"], ["-uS"]]
    met_by_env = [["A=1"], ["-u", "A"]]
    listed_by_env = [["-i"], ["-u", "PYTHONPATH"], ["PYTHONPATH=/src"], ["--unset=MEMDB_TUI_RUN"]]
    program = written(f"""
        import os, subprocess, sys
        for options in {met + listed!r}:
            subprocess.run([sys.executable, *options, "-c", "pass"], check=True)
        for words in {met_by_env + listed_by_env!r}:
            subprocess.run(["env", *words, sys.executable, "-c", "pass"], check=True)
        os.system(sys.executable + " -V")
        os.system(sys.executable + " -I -V")
    """)
    running = hub.run(program)
    parent = hub.met()
    for _ in met + met_by_env:
        hub.met().read_to_end()
    parent.read_to_end()
    version = f"Python {sys.version.split()[0]}\n"
    assert running.end() == (0, version + version, "")
    assert parent.bye is not None
    assert [each["command"] for each in parent.bye["unfollowed"]] == [
        *[" ".join([sys.executable, *options, "-c", "pass"]) for options in listed],
        *[" ".join(["env", *words, sys.executable, "-c", "pass"]) for words in listed_by_env],
        f"{sys.executable} -I -V",
    ]
