"""The pages of clinical administrators, below /kam/."""

from django.urls import path
from django.views.generic import RedirectView

from kommunalpro.web.kam.views import (
    activities,
    activity_editing,
    life,
    organizations,
    packages,
    plan_editing,
    plan_goals,
    plan_materials,
    plan_steps,
    plans,
    roles,
    team_editing,
    teams,
    treatment_area,
)

app_name = "kam"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="kam:plans"), name="start"),
    path("planer/", plans.index, name="plans"),
    path("planer/ny/", plan_editing.new, name="plan-new"),
    path("planer/af-spoergeskema/", plan_editing.make, name="plan-make"),
    path("planer/hent-ind/", packages.bring_in, name="package"),
    path("planer/<uuid:plan>/", plans.show, name="plan"),
    path("planer/<uuid:plan>/pakke/", packages.take_out, name="plan-package"),
    path("planer/<uuid:plan>/status/", life.plan, name="plan-life"),
    path("planer/<uuid:plan>/hvem-maa-rette/", roles.plan, name="plan-roles"),
    path("planer/<uuid:plan>/ret/", plan_editing.edit, name="plan-edit"),
    path("planer/<uuid:plan>/trin/", plan_steps.add, name="step-add"),
    path("planer/<uuid:plan>/trin/<int:number>/", plan_steps.step, name="step"),
    path("planer/<uuid:plan>/trin/<int:number>/plads/", plan_steps.change, name="step-change"),
    path("planer/<uuid:plan>/maal/ny/", plan_goals.new, name="goal-new"),
    path("planer/<uuid:plan>/maal/<int:number>/", plan_goals.edit, name="goal"),
    path("planer/<uuid:plan>/maal/<int:number>/fjern/", plan_goals.remove, name="goal-remove"),
    path("planer/<uuid:plan>/materiale/ny/", plan_materials.new, name="material-new"),
    path("planer/<uuid:plan>/materiale/<int:number>/fjern/", plan_materials.remove, name="material-remove"),
    path("materiale/<uuid:material>/", plan_materials.read, name="material"),
    path("aktiviteter/", activities.index, name="activities"),
    path("aktiviteter/ny/", activity_editing.new, name="activity-new"),
    path("aktiviteter/<uuid:activity>/", activities.show, name="activity"),
    path("aktiviteter/<uuid:activity>/status/", life.activity, name="activity-life"),
    path("aktiviteter/<uuid:activity>/hvem-maa-rette/", roles.activity, name="activity-roles"),
    path("aktiviteter/<uuid:activity>/ret/", activity_editing.edit, name="activity-edit"),
    path("team/", teams.index, name="teams"),
    path("team/nyt/", team_editing.new, name="team-new"),
    path("team/<uuid:team>/", teams.show, name="team"),
    path("team/<uuid:team>/ret/", team_editing.edit, name="team-edit"),
    path("team/<uuid:team>/luk/", team_editing.close, name="team-close"),
    path("team/<uuid:team>/status/", team_editing.status, name="team-status"),
    path("team/<uuid:team>/medlemmer/", team_editing.add, name="member-add"),
    path("team/<uuid:team>/medlemmer/<uuid:person>/", team_editing.member, name="member"),
    path("behandlingsomraade/", treatment_area.show, name="treatment-area"),
    path("organisationer/", organizations.index, name="organizations"),
    path("organisationer/<uuid:organization>/", organizations.show, name="organization"),
]
