"""The styles of a widget's parts, also for the last time that it is drawn."""

from __future__ import annotations

from rich.style import Style
from textual.widget import Widget

_NO_STYLE = Style()


def component_style(widget: Widget, component: str, *, is_partial: bool = True) -> Style:
    """The style of a part; none for a widget that is being removed.

    Its styles are gone already while the screen may still draw it, where something else in the same place changes.

    Args:
        widget: What has the part.
        component: Its name among `COMPONENT_CLASSES`.
        is_partial: The part's own style alone, without that of the widget.
    """
    return widget.get_component_rich_style(component, partial=is_partial, default=_NO_STYLE)
