"""Labels on every pane and control: one more key goes there."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.geometry import Offset
from textual.widgets import Label

from memdb_tui.frozen import dataclass
from memdb_tui.ui.screens.modal import Modal
from memdb_tui.ui.widgets.footer_bar import FooterKey


@dataclass(frozen=True, slots=True)
class Target:
    """A place to go to."""

    id: str
    """What the answer says."""
    label: str
    """The key that leads there."""
    at: Offset | None
    """Where the label stands, in cells of the screen; None for a place that is not on it."""


def label_targets(places: Sequence[tuple[str, Offset | None]], fixed: Mapping[str, str]) -> tuple[Target, ...]:
    """A key for each place: its own for those in `fixed`, whatever else is there; other letters for the rest.

    Small letters come first, then capitals.

    Where two places have the same key of their own, the first has it, and the other leads nowhere else.
    """
    letters = iter(
        [letter for letter in string.ascii_lowercase + string.ascii_uppercase if letter not in fixed.values()]
    )
    targets: dict[str, Target] = {}
    for place, at in places:
        label = fixed[place] if place in fixed else next(letters, None)
        if label is not None:
            targets.setdefault(label, Target(place, label, at))
    return tuple(targets.values())


class JumpScreen(Modal[str]):
    """Shows the labels over the screen below; any other key leaves."""

    DEFAULT_CSS = """
    JumpScreen {
        background: $background 45%;
        layers: default labels;
        & Label {
            position: absolute; layer: labels;
            background: $secondary; color: $background; text-style: bold;
            width: 3; height: 1; padding: 0 1;
        }
    }
    """

    KEYS: ClassVar[tuple[FooterKey, ...]] = (FooterKey("A label's key", "goes there", "leave"), *Modal.KEYS)

    def __init__(self, targets: Sequence[Target]) -> None:
        super().__init__()
        self._targets = tuple(targets)

    def compose_content(self) -> ComposeResult:
        """A label for each place that is on the screen."""
        for target in self._targets:
            if target.at is None:
                continue
            label = Label(target.label)
            label.absolute_offset = target.at
            yield label

    def on_key(self, event: events.Key) -> None:
        """The key of a label goes there; any other leaves."""
        event.stop()
        event.prevent_default()
        found = next((target for target in self._targets if target.label == event.character), None)
        self.dismiss(found.id if found is not None else None)

    def on_click(self, event: events.Click) -> None:
        """A click leaves."""
        event.stop()
        self.dismiss(None)
