import shutil
import sqlite3
from pathlib import Path

import typer
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from kommunalpro.config.failure import CommandFailed
from kommunalpro.config.progress import step
from kommunalpro.fhirserver.facts import record_base_url
from kommunalpro.identity.keys import make_keys


def migrate() -> None:
    """Prepare this installation: keys, tables, static files, and the base URL that resources are named by."""
    prepare()
    typer.echo(f"Ready. Resources are named {settings.FHIR_BASE_URL}/…")


def prepare() -> None:
    """Do what `migrate` does; the same again changes nothing.

    Raises:
        CommandFailed: the database cannot be written.
        WrongBaseUrl: it was made for another base URL.
    """
    _make_place()
    with step("Keys"):
        make_keys(settings.KEYS_DIRECTORY)
    with step("Database"):
        call_command("migrate", interactive=False, verbosity=0)
        record_base_url(settings.FHIR_BASE_URL)
    collect_static()


def collect_static() -> None:
    """Gather the static files under hashed names, unless that is done and nothing is newer."""
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    newest = max((_newest(Path(directory)) for directory in settings.STATICFILES_DIRS), default=0.0)
    if not settings.STATICFILES_DIRS or (manifest.exists() and manifest.stat().st_mtime > newest):
        return
    if "Manifest" not in settings.STORAGES["staticfiles"]["BACKEND"]:
        return
    with step("Static files"):
        shutil.rmtree(settings.STATIC_ROOT, ignore_errors=True)
        call_command("collectstatic", interactive=False, verbosity=0)


def _newest(directory: Path) -> float:
    return max((path.stat().st_mtime for path in (directory, *directory.rglob("*"))), default=0.0)


def _make_place() -> None:
    if connection.vendor != "sqlite":
        return
    path = Path(str(settings.DATABASES["default"]["NAME"]))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sqlite3.connect(path).close()
    except (OSError, sqlite3.Error):
        raise CommandFailed(f"The database {path} cannot be written.") from None
