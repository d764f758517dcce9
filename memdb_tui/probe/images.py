"""Copies of databases, kept until the client that asked for them has fetched them."""

from __future__ import annotations

from binascii import b2a_base64
from itertools import count

from .bare import clock
from .wire import Refusal, to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .channel import Channel

_MOST_BYTES = 512 << 20
_MOST_PART_BYTES = 1 << 20


class Images:
    """The copies that are kept."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[Channel, bytes]] = {}
        self._numbers = count(1)

    def keep(self, channel: Channel, image: bytes, how: str) -> str:
        """Keep a copy for a client; what it is told of it, as JSON text.

        Raises:
            Refusal: Too much is kept already.
        """
        if sum(len(kept) for _, kept in list(self._kept.values())) + len(image) > _MOST_BYTES:
            raise Refusal("Copies of 512 MiB wait to be fetched.", hint="Close some of them first.")
        number = next(self._numbers)
        self._kept[number] = channel, image
        return to_json({"copy": number, "size": len(image), "taken_at": clock.time(), "how": how})

    def part(self, channel: Channel, number: int, *, offset: int, size: int) -> str:
        """Some bytes of a copy, as JSON text.

        Raises:
            Refusal: There is no such copy.
        """
        image = self._image(channel, number)
        data = image[offset : offset + min(size, _MOST_PART_BYTES)]
        return to_json({"data": b2a_base64(data, newline=False).decode("ascii")})

    def release(self, channel: Channel, number: int) -> None:
        """Forget a copy.

        Raises:
            Refusal: There is no such copy.
        """
        self._image(channel, number)
        del self._kept[number]

    def left(self, channel: Channel) -> None:
        """Forget the copies of a client that is gone."""
        for number, (owner, _) in list(self._kept.items()):
            if owner is channel:
                del self._kept[number]

    def _image(self, channel: Channel, number: int) -> bytes:
        owner, image = self._kept.get(number, (None, b""))
        if owner is not channel:
            raise Refusal(f"There is no copy {number}.")
        return image
