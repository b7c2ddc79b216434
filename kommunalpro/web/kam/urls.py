"""The pages of clinical administrators, below /kam/."""

from django.urls import path
from django.views.generic import RedirectView

from kommunalpro.web.kam.views import activities, organizations, plans, teams

app_name = "kam"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="kam:plans"), name="start"),
    path("planer/", plans.index, name="plans"),
    path("planer/<uuid:plan>/", plans.show, name="plan"),
    path("aktiviteter/", activities.index, name="activities"),
    path("aktiviteter/<uuid:activity>/", activities.show, name="activity"),
    path("team/", teams.index, name="teams"),
    path("team/<uuid:team>/", teams.show, name="team"),
    path("organisationer/", organizations.index, name="organizations"),
    path("organisationer/<uuid:organization>/", organizations.show, name="organization"),
]
