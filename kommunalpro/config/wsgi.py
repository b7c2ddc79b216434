"""One door in: `/fhir` goes to the FHIR server, `/healthz` and `/readyz` are answered here, the rest is pages."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

from kommunalpro.config.environment import choose_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", choose_settings(os.environ))
pages = get_wsgi_application()

# Django must be set up before the rooms that have models can be imported.
from kommunalpro.config import health, wiring  # noqa: E402

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
FHIR = "/fhir"

fhir = wiring.fhir_door()


def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answer one HTTP request."""
    path = environ["PATH_INFO"]
    if path == FHIR or path.startswith(FHIR + "/"):
        below = {"PATH_INFO": path[len(FHIR) :], "SCRIPT_NAME": environ.get("SCRIPT_NAME", "") + FHIR}
        return fhir(environ | below, start_response)
    if path in ("/healthz", "/readyz"):
        ready = path == "/healthz" or health.is_ready()
        start_response("200 OK" if ready else "503 Service Unavailable", [("Content-Type", "text/plain")])
        return [b"ok\n" if ready else b"not ready\n"]
    return pages(environ, start_response)
