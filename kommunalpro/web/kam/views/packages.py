from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kommunalpro.care import packages
from kommunalpro.care.bundles import url_id
from kommunalpro.fhir.reference import own_url
from kommunalpro.web.kam.forms.package import CarriedForm, UploadForm, carried
from kommunalpro.web.kam.presenters.packages import awaits_use, file_name, parts
from kommunalpro.web.kam.views import plans
from kommunalpro.web.kam.views.refused import REFUSED
from kommunalpro.web.shared.life import refusals, words_of
from kommunalpro.web.shared.reading import gateway_of, now_of, one, reader


@require_POST
def take_out(request: HttpRequest, plan: UUID) -> HttpResponse:
    """A plan with all that it takes, as a file."""
    found, gateway = one(request, "PlanDefinition", plan), gateway_of(request)
    try:
        package = packages.take_out(gateway, own_url(gateway.base_url, found), by=reader(request), now=now_of(request))
    except REFUSED as wrong:
        return plans.page(request, found, refused=wrong)
    named = {"Content-Disposition": f'attachment; filename="{file_name(found)}"'}
    return HttpResponse(package, content_type="application/zip", headers=named)


@require_http_methods(["GET", "POST"])
def bring_in(request: HttpRequest) -> HttpResponse:
    """Choose a package, see what would come of it, and have it come."""
    if request.method != "POST":
        return _choose(request, UploadForm())
    try:
        return _accepted(request) if "carried" in request.POST else _chosen(request)
    except REFUSED as wrong:
        return _choose(request, UploadForm(), refused=refusals(wrong))


def _choose(request: HttpRequest, form: UploadForm, *, refused: tuple[str, ...] = ()) -> HttpResponse:
    page = {"form": form, "refused": refused}
    return render(request, "kam/package_new.html", page, status=422 if form.errors or refused else 200)


def _chosen(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES)
    return _show(request, form.cleaned_data["file"]) if form.is_valid() else _choose(request, form)


def _accepted(request: HttpRequest) -> HttpResponse:
    form = CarriedForm(request.POST)
    if not form.is_valid():
        return _choose(request, UploadForm(), refused=(_("Vælg den fil, du vil indlæse."),))
    package = form.cleaned_data["carried"]
    try:
        made = packages.bring_in(gateway_of(request), package, by=reader(request), now=now_of(request))
    except REFUSED as wrong:
        return _show(request, package, refused=refusals(wrong))
    return redirect("kam:plan", plan=url_id(made)) if made else redirect("kam:plans")


def _show(request: HttpRequest, package: bytes, *, refused: tuple[str, ...] = ()) -> HttpResponse:
    gateway = gateway_of(request)
    looked = packages.look(gateway, package, by=reader(request), now=now_of(request))
    problems = tuple(dict.fromkeys(words_of(each) for each in looked.problems)) or refused
    there = packages.plan_in(looked.here, gateway.base_url)
    page = {
        "made": parts(looked.made),
        "here": parts(looked.here),
        "matched": parts(looked.matched),
        "problems": problems,
        "awaits_use": awaits_use(looked.made),
        "there": url_id(there) if there else None,
        "carried": carried(package),
    }
    return render(request, "kam/package.html", page, status=422 if problems else 200)
