"""Pages' words come from gettext, which needs Django to be set up."""

import os

import django
import pytest
from django.utils import translation

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kommunalpro.config.settings.test")
django.setup()


@pytest.fixture(autouse=True)
def danish():
    with translation.override("da"):
        yield
