"""A project with one application, and a database that its tests never come to."""

import openings  # noqa: F401 - the account of a worker that is spawned begins here

DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "never.db"}}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
INSTALLED_APPS = ["shelf"]
SECRET_KEY = "none"
USE_TZ = True
