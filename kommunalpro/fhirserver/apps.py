"""The Django app of the embedded FHIR server: its tables."""

from django.apps import AppConfig


class FhirServerConfig(AppConfig):
    """Registers the store's tables."""

    name = "kommunalpro.fhirserver"
    label = "fhirserver"
