"""The pages of questionnaire editors, below /administration/."""

from django.urls import path
from django.views.generic import RedirectView

from kommunalpro.web.administration.views import guidance, in_force, life, questionnaires, views

app_name = "administration"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="administration:questionnaires"), name="start"),
    path("spoergeskemaer/", questionnaires.index, name="questionnaires"),
    path("spoergeskemaer/<uuid:questionnaire>/", questionnaires.show, name="questionnaire"),
    path("spoergeskemaer/<uuid:questionnaire>/status/", life.step, name="questionnaire-life"),
    path("spoergeskemaer/<uuid:questionnaire>/ud-af-brug/", life.retire, name="retire"),
    path("spoergeskemaer/<uuid:questionnaire>/kasser/", life.discard, name="discard"),
    path("spoergeskemaer/<uuid:questionnaire>/forskelle/", questionnaires.differences, name="differences"),
    path("visninger/", views.index, name="views"),
    path("visninger/<uuid:view>/", views.show, name="view"),
    path("visninger/<uuid:basic>/tag-i-brug/", in_force.begin, name="view-begin"),
    path("visninger/<uuid:basic>/tag-ud-af-brug/", in_force.end, name="view-end"),
    path("vejledninger/", guidance.index, name="guidance-list"),
    path("vejledninger/<uuid:guidance>/", guidance.show, name="guidance"),
    path("vejledninger/<uuid:basic>/tag-i-brug/", in_force.begin, name="guidance-begin"),
    path("vejledninger/<uuid:basic>/tag-ud-af-brug/", in_force.end, name="guidance-end"),
]
