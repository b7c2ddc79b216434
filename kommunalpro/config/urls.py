"""Every page's address. `/fhir`, `/healthz`, `/readyz` and `/metrics` are answered before Django (`config.wsgi`)."""

from django.urls import include, path

urlpatterns = [
    path("", include("kommunalpro.web.shared.urls")),
    path("borger/", include("kommunalpro.web.citizen.urls")),
    path("medarbejder/", include("kommunalpro.web.staff.urls")),
    path("administration/", include("kommunalpro.web.administration.urls")),
    path("administration/", include("kommunalpro.web.citizen.preview_urls")),
    path("kam/", include("kommunalpro.web.kam.urls")),
]

handler400 = "kommunalpro.web.shared.errors.bad_request"
handler403 = "kommunalpro.web.shared.errors.forbidden"
handler404 = "kommunalpro.web.shared.errors.not_found"
handler500 = "kommunalpro.config.middleware.server_error"
