"""What every suite stands on: Django with the test settings, and a migrated database for those who ask."""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import django
import pytest

POSTGRES = "KOMMUNALPRO_TEST_POSTGRES"
"""Where the throwaway PostgreSQL answers, as `make test` started it; not set when there is none."""


def _set_up() -> None:
    """Set Django up without the tests' own variable, which Kommunal PRO would refuse as one it does not know.

    What the settings put among the variables is taken back: pytest's workers would inherit one database, and race each
    other to migrate it.
    """
    os.environ["DJANGO_SETTINGS_MODULE"] = "kommunalpro.config.settings.test"
    with patch.dict(os.environ):
        os.environ.pop(POSTGRES, None)
        django.setup()


_set_up()


def pytest_collection_finish() -> None:
    """Let the collector pass over what stays, as the server does: some thousand tests, and all that they load."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Take away what the test settings made for this process alone, whoever made use of it."""
    from django.conf import settings
    from django.db import connections

    connections.close_all()
    database = Path(str(settings.DATABASES["default"]["NAME"]))
    if database.parent == Path(tempfile.gettempdir()):
        for path in database.parent.glob(f"{database.name}*"):
            path.unlink()
        shutil.rmtree(settings.KEYS_DIRECTORY, ignore_errors=True)
        shutil.rmtree(settings.EXPORTS_DIRECTORY, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated() -> Iterator[None]:
    """Tables in this process's own SQLite database, gone with its keys when the tests end."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    from kommunalpro.identity.keys import make_keys

    make_keys(settings.KEYS_DIRECTORY)
    call_command("migrate", interactive=False, verbosity=0)
    yield
    connections.close_all()


@pytest.fixture
def database(migrated: None) -> Iterator[None]:
    """The migrated database; whatever the test writes is rolled back."""
    with rolled_back():
        yield


@contextmanager
def rolled_back() -> Iterator[None]:
    """Take back whatever is written in the block."""
    from django.db import transaction

    block = transaction.atomic()
    # As Django's own TestCase has it: what must be in no other transaction takes this one for none.
    block._from_testcase = True
    with block:
        yield
        transaction.set_rollback(True)
