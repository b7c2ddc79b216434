"""The preview of a questionnaire, for those who prepare it; `config` puts it below /administration/."""

from django.urls import path

from kommunalpro.web.citizen.views import preview

app_name = "preview"

urlpatterns = [
    path("spoergeskemaer/<uuid:questionnaire>/forhaandsvisning/", preview.show, name="questionnaire"),
]
