"""Which door a path leads to: whatever stands in the request line is answered."""

from importlib import import_module

import pytest

ENVIRON = {"REQUEST_METHOD": "GET", "SCRIPT_NAME": ""}


@pytest.fixture
def wsgi(migrated):
    """The door, which can be imported once there are keys."""
    return import_module("kommunalpro.config.wsgi")


class Door:
    name = "careplan"

    def __call__(self, environ, start_response):
        return [environ["PATH_INFO"].encode()]


@pytest.mark.parametrize("path", ["", "*", "/", "/careplan", "/careplan/fhirs", "careplan", "//fhir"])
@pytest.mark.parametrize("services", [{}, {"careplan": Door()}])
def test_what_is_no_services_is_a_page(wsgi, monkeypatch, path, services):
    monkeypatch.setattr(wsgi, "services", services)
    monkeypatch.setattr(wsgi, "_page", lambda environ, _: ["page", environ["PATH_INFO"]])
    assert wsgi.application(ENVIRON | {"PATH_INFO": path}, None) == ["page", path]


def test_in_strict_mode_a_service_has_its_own_base(wsgi, monkeypatch):
    monkeypatch.setattr(wsgi, "services", {"careplan": Door()})
    assert wsgi.application(ENVIRON | {"PATH_INFO": "/careplan/fhir/CarePlan"}, None) == [b"/CarePlan"]
