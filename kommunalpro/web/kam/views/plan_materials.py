from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kommunalpro.care import planning
from kommunalpro.care.materials import documentation, is_for_all, linked, uploaded, with_material, without_material
from kommunalpro.web.kam.forms.material import MaterialForm, most_bytes
from kommunalpro.web.kam.presenters import labels
from kommunalpro.web.kam.views.drafts import Overtaken, opened, save
from kommunalpro.web.kam.views.overtaken import back_to_plan
from kommunalpro.web.kam.views.plan_page import keep
from kommunalpro.web.kam.views.refused import told_in
from kommunalpro.web.shared.life import life
from kommunalpro.web.shared.material import download
from kommunalpro.web.shared.reading import gateway_of, now_of, one, reader


@require_http_methods(["GET", "POST"])
@back_to_plan
def new(request: HttpRequest, plan: UUID) -> HttpResponse:
    """Give a draft one more piece of material."""
    draft, by = opened(request, "PlanDefinition", plan), reader(request)
    if not life(draft, by).edits:
        return redirect("kam:plan", plan=plan)
    form = MaterialForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        if request.POST.get("version") != one(request, "PlanDefinition", plan)["meta"]["versionId"]:
            # Found out here, for what would be made below could not be taken back.
            raise Overtaken(form)
        given, organization = form.cleaned_data, str(by.context.organization)
        made = (
            uploaded(given["title"], given["file"], organization)
            if given["file"]
            else linked(given["title"], given["link"], organization)
        )
        with told_in(form):
            url = planning.create(gateway_of(request), made, by=by, now=now_of(request))
            save(request, with_material(draft, given["title"], url), form)
            return redirect("kam:plan-edit", plan=plan)
    page = {
        "form": form,
        "most": filesizeformat(most_bytes()),
        "id": plan,
        "plan_title": labels.title(draft),
        "meta_version": draft["meta"]["versionId"],
    }
    return render(request, "kam/material.html", page, status=422 if form.errors else 200)


@require_POST
@back_to_plan
def remove(request: HttpRequest, plan: UUID, number: int) -> HttpResponse:
    """Take a piece of material out of a draft; it stays where other versions name it."""
    draft = opened(request, "PlanDefinition", plan)
    if number >= len(documentation(draft)):
        raise Http404
    return keep(request, draft, without_material(draft, number))


@require_safe
def read(request: HttpRequest, material: str) -> HttpResponse:
    """Fetch a document that lies here for all; one that is about a citizen is not found, whoever asks."""
    document = one(request, "DocumentReference", material)
    if not is_for_all(document):
        raise Http404
    return download(document)
