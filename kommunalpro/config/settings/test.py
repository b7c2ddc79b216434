"""Tests: the demo's settings on a database and keys of their own, unless the environment names others."""

import os
import tempfile
from pathlib import Path
from secrets import token_hex

# Not by process number: a killed run's file would meet the next process that is given its number.
_own = Path(tempfile.gettempdir()) / f"kommunalpro-test-{token_hex(8)}"
os.environ.setdefault("KOMMUNALPRO_DATABASE_URL", f"sqlite:///{_own}.sqlite3")
os.environ.setdefault("KOMMUNALPRO_KEYS", f"{_own}-keys")
os.environ.setdefault("KOMMUNALPRO_EXPORTS", f"{_own}-exports")

from kommunalpro.config.settings.base import *  # noqa: E402  (the environment must be set before it is read)

DEMO = True
SECRET_KEY = "only-for-tests-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
