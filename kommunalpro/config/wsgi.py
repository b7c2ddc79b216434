"""One door in: `/fhir` goes to the FHIR server, in strict mode `/careplan/fhir` and so on to FUT's services before it.

How the server is is answered here; the rest is pages.
"""

import gc
import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from time import perf_counter
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from kommunalpro.config.environment import choose_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", choose_settings(os.environ))
pages = get_wsgi_application()

# Django must be set up before the rooms that have models can be imported.
from kommunalpro.config import connections, health, metrics, wiring  # noqa: E402
from kommunalpro.config.middleware import FAULT  # noqa: E402
from kommunalpro.config.refusal import FHIR, is_fhir  # noqa: E402
from kommunalpro.fut.service_door import common_door, service_doors  # noqa: E402

Environ = dict[str, Any]
StartResponse = Callable[..., Any]

fhir = replace(wiring.fhir_door(), observe=metrics.observe_fhir)
urls = wiring.service_urls()
services = service_doors(fhir, urls) if settings.STRICT else {}
common = common_door(fhir, urls) if settings.STRICT else fhir
connections.limit_statements(settings.STATEMENT_SECONDS)
# What is loaded by now stays. Else the collector looks at all of it again every thousand requests, and one waits 0.1 s.
gc.freeze()


def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answer one HTTP request."""
    path = environ["PATH_INFO"]
    if path in ("/healthz", "/readyz"):
        return _how_it_is(path, start_response)
    if path == "/metrics":
        return _metrics(environ, start_response)
    with metrics.in_flight():
        if is_fhir(path):
            below = {"PATH_INFO": path[len(FHIR) :], "SCRIPT_NAME": environ.get("SCRIPT_NAME", "") + FHIR}
            return common(environ | below, start_response)
        service = services.get(path.removeprefix("/").partition("/")[0]) if services else None
        if service and is_fhir(path.removeprefix(f"/{service.name}")):
            prefix = f"/{service.name}{FHIR}"
            below = {"PATH_INFO": path[len(prefix) :], "SCRIPT_NAME": environ.get("SCRIPT_NAME", "") + prefix}
            return service(environ | below, start_response)
        return _page(environ, start_response)


def _metrics(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answer programs only: to whom they are not for, there is nothing here, whatever host was asked for."""
    if environ["REMOTE_ADDR"] in settings.METRICS_FROM:
        start_response("200 OK", [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")])
        return [metrics.render()]
    start_response("404 Not Found", [("Content-Type", "text/plain")])
    return [b"not found\n"]


def _how_it_is(path: str, start_response: StartResponse) -> Iterable[bytes]:
    why = health.why_not_ready() if path == "/readyz" else None
    start_response("503 Service Unavailable" if why else "200 OK", [("Content-Type", "text/plain")])
    return [f"not ready: {why}\n".encode() if why else b"ok\n"]


def _page(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    began, answered = perf_counter(), []

    def start(status: str, *rest: Any) -> Any:
        answered.append(int(status[:3]))
        return start_response(status, *rest)

    parts = pages(environ, start)
    metrics.observe_page(answered[0], perf_counter() - began, environ.get(FAULT))
    return parts
