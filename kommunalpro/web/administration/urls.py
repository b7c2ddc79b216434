"""The pages of questionnaire editors, below /administration/."""

from django.urls import path
from django.views.generic import RedirectView

from kommunalpro.web.administration.views import guidance, life, questionnaires, views

app_name = "administration"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="administration:questionnaires"), name="start"),
    path("spoergeskemaer/", questionnaires.index, name="questionnaires"),
    path("spoergeskemaer/<uuid:questionnaire>/", questionnaires.show, name="questionnaire"),
    path("spoergeskemaer/<uuid:questionnaire>/status/", life.step, name="questionnaire-life"),
    path("spoergeskemaer/<uuid:questionnaire>/kasser/", life.discard, name="discard"),
    path("spoergeskemaer/<uuid:questionnaire>/forskelle/", questionnaires.differences, name="differences"),
    path("visninger/", views.index, name="views"),
    path("visninger/<uuid:view>/", views.show, name="view"),
    path("vejledninger/", guidance.index, name="guidance-list"),
    path("vejledninger/<uuid:guidance>/", guidance.show, name="guidance"),
]
