"""One table."""

from django.db import models


class Book(models.Model):  # type: ignore[misc]  # Django is not there for mypy
    """A book."""

    title = models.CharField(max_length=50)

    def __str__(self) -> str:
        """Its title."""
        return str(self.title)
