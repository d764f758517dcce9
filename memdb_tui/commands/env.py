"""`memdb-tui env`: what of this machine decides what a connection string does."""

from __future__ import annotations

import json

import click
from rich.console import Console
from rich.text import Text

from memdb_tui.commands.env_facts import build, temporary_folders, versions
from memdb_tui.commands.printing import printable
from memdb_tui.explain.build_facts import build_facts


@click.command(name="env", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--json", "as_json", is_flag=True, help="JSON instead of text.")
def command(*, as_json: bool) -> None:
    """Show versions, SQLite's compile options that matter, temporary folders, and what each changes."""
    if as_json:
        click.echo(json.dumps(_json_form(), indent=2))
        return
    console = Console(highlight=False, markup=False, emoji=False)
    for name, version in versions():
        console.print(Text.assemble((f"{name:>18}  ", "dim"), version))
    console.print(Text("\nhow this SQLite was compiled", style="bold"))
    for fact in build():
        console.print(Text.assemble((f"{fact.name:>18}  ", "dim"), fact.value))
        console.print(Text(" " * 20 + fact.consequence, style="dim"), soft_wrap=True)
    console.print(Text("\ntemporary folders, in the order SQLite tries them", style="bold"))
    for folder in temporary_folders():
        state = (
            "taken" if folder.chosen else "usable" if folder.usable else "not usable" if folder.path else "not set"
        )
        console.print(
            Text.assemble((f"{folder.source:>18}  ", "dim"), f"{state:10}  ", printable(folder.path)), soft_wrap=True
        )


def _json_form() -> dict[str, object]:
    return {
        "versions": dict(versions()),
        "build": [{"name": fact.name, "value": fact.value, "consequence": fact.consequence} for fact in build()],
        "compile_options": list(build_facts().options),
        "temporary_folders": [
            {"source": each.source, "path": each.path, "usable": each.usable, "chosen": each.chosen}
            for each in temporary_folders()
        ],
    }
