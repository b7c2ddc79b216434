"""Every page's address. `/fhir`, `/healthz` and `/readyz` are answered before Django (`config.wsgi`)."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
