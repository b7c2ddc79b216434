"""The pages that belong to nobody in particular: the way in and out, teams, language, and about the site."""

from django.urls import path
from django.views.i18n import set_language

from kommunalpro.web.shared.views import about, front, login, national, team

app_name = "shared"

urlpatterns = [
    path("", front.show, name="front"),
    path("log-ind/", login.choose, name="login"),
    path("log-ind/<slug:who>/", national.send, name="sign-in"),
    path("log-ind/<slug:who>/retur/", national.back, name="signed-in"),
    path("log-ud/", login.leave, name="logout"),
    path("vaelg-team/", team.choose, name="team"),
    path("sprog/", set_language, name="language"),
    path("om/", about.site, name="about"),
    path("tilgaengelighed/", about.accessibility, name="accessibility"),
]
