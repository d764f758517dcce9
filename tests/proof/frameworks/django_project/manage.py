"""As `django-admin startproject` writes it, with a start method for the workers of `test --parallel`."""

import multiprocessing
import os
import sys

import openings  # noqa: F401 - its account begins here
from django.core.management import execute_from_command_line


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
    multiprocessing.set_start_method(os.environ["START_METHOD"])
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
