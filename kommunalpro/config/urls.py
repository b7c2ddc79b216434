"""Every page's address. `/fhir`, `/healthz`, `/readyz` and `/metrics` are answered before Django (`config.wsgi`)."""

from django.conf import settings
from django.urls import include, path

urlpatterns = [
    path("", include("kommunalpro.web.shared.urls")),
    path("borger/", include("kommunalpro.web.citizen.urls")),
    path("medarbejder/", include("kommunalpro.web.staff.urls")),
    path("administration/", include("kommunalpro.web.administration.urls")),
    path("administration/", include("kommunalpro.web.citizen.preview_urls")),
    path("kam/", include("kommunalpro.web.kam.urls")),
]
if settings.DEMO:
    # Imported here: in production there is no such provider, and its library is not loaded.
    from kommunalpro.config.openid import addresses

    urlpatterns.append(addresses())

handler400 = "kommunalpro.web.shared.errors.bad_request"
handler403 = "kommunalpro.web.shared.errors.forbidden"
handler404 = "kommunalpro.web.shared.errors.not_found"
handler500 = "kommunalpro.config.middleware.server_error"
