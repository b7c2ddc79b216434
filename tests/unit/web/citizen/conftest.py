import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def danish():
    """The pages' own language."""
    with translation.override("da"):
        yield
