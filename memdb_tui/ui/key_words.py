"""Keys as they are written on the screen."""

from __future__ import annotations

from memdb_tui.ui.actions import Action

_KEY_WORDS = {
    "ctrl+backslash": "^\\",
    "ctrl+underscore": "^_",
    "ctrl+enter": "^Enter",
    "enter": "Enter",
    "delete": "Del",
}


def key_words(key: str) -> str:
    """A key as the footer and the help write it: `^J`, `F5`, `Enter`."""
    if key in _KEY_WORDS:
        return _KEY_WORDS[key]
    if key.startswith("ctrl+"):
        return "^" + key.removeprefix("ctrl+").upper()
    return key.upper() if key[:1] == "f" and key[1:].isdigit() else key


def main_key(action: Action) -> str:
    """The key to show for an action: its safe one, else the first there is; empty for none."""
    return action.safe_key or next(iter((*action.keys, *action.local_keys)), "")
