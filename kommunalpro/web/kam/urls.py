"""The pages of clinical administrators, below /kam/."""

from django.urls import path
from django.views.generic import RedirectView

from kommunalpro.web.kam.views import (
    activities,
    activity_editing,
    life,
    organizations,
    plan_editing,
    plans,
    roles,
    teams,
    treatment_area,
)

app_name = "kam"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="kam:plans"), name="start"),
    path("planer/", plans.index, name="plans"),
    path("planer/ny/", plan_editing.new, name="plan-new"),
    path("planer/af-spoergeskema/", plan_editing.make, name="plan-make"),
    path("planer/<uuid:plan>/", plans.show, name="plan"),
    path("planer/<uuid:plan>/status/", life.plan, name="plan-life"),
    path("planer/<uuid:plan>/hvem-maa-rette/", roles.plan, name="plan-roles"),
    path("planer/<uuid:plan>/ret/", plan_editing.edit, name="plan-edit"),
    path("planer/<uuid:plan>/trin/", plan_editing.add, name="step-add"),
    path("planer/<uuid:plan>/trin/<int:number>/", plan_editing.step, name="step"),
    path("planer/<uuid:plan>/trin/<int:number>/plads/", plan_editing.change, name="step-change"),
    path("aktiviteter/", activities.index, name="activities"),
    path("aktiviteter/ny/", activity_editing.new, name="activity-new"),
    path("aktiviteter/<uuid:activity>/", activities.show, name="activity"),
    path("aktiviteter/<uuid:activity>/status/", life.activity, name="activity-life"),
    path("aktiviteter/<uuid:activity>/hvem-maa-rette/", roles.activity, name="activity-roles"),
    path("aktiviteter/<uuid:activity>/ret/", activity_editing.edit, name="activity-edit"),
    path("team/", teams.index, name="teams"),
    path("team/<uuid:team>/", teams.show, name="team"),
    path("behandlingsomraade/", treatment_area.show, name="treatment-area"),
    path("organisationer/", organizations.index, name="organizations"),
    path("organisationer/<uuid:organization>/", organizations.show, name="organization"),
]
