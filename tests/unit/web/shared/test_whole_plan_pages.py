"""Who comes to the pages of a plan's goals and material, and what happens to what they send there."""

import pytest

from kommunalpro.care import planning
from kommunalpro.care.bundles import url_id
from kommunalpro.care.goals import Aim, with_aim
from kommunalpro.care.materials import Document, linked, uploaded, with_material
from kommunalpro.care.planning import Titles
from kommunalpro.care.sending import Now, send
from kommunalpro.config import wiring
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.modifier_roles import edited_by, owned_by
from kommunalpro.web.kam.presenters import labels
from tests.people import TJOERN
from tests.resources import organization
from tests.unit.web.shared.conftest import words

PDF = b"%PDF-1.4 \x00\xff"
NATIONAL = ehealth.profile("transformation-documentreference")


@pytest.fixture
def now():
    return wiring.clock().now()


def draft_of(world, now, organization=None):
    """Store the draft of a plan with a goal, a link and a document; gives its URL and the document's id."""
    lis = world.staff["lis"].principal
    by, owner = (SYSTEM, organization) if organization else (lis, str(lis.context.organization))
    activity = world.gateway.read(world.published.activity, by=lis, now=now)
    draft = planning.new_plan(Titles("Godt i gang"), activity, world.published.activity, owner)
    draft = with_aim(draft, 0, Aim("Gå en tur"))
    papers = [
        linked("Sov bedre", "https://material.example/sov", owner),
        uploaded("Øvelser", Document("x.pdf", "application/pdf", PDF), owner),
    ]
    urls = [planning.create(world.gateway, each, by=by, now=now) for each in papers]
    for paper, url in zip(papers, urls, strict=True):
        draft = with_material(draft, paper["description"], url)
    return planning.create(world.gateway, draft, by=by, now=now), url_id(urls[1])


def read(world, url, now):
    return world.gateway.read(url, by=SYSTEM, now=now)


def documents(world, now):
    return world.gateway.search("DocumentReference", [("_summary", "count")], by=SYSTEM, now=now)["total"]


def test_a_plan_of_another_organisation_is_shown_and_not_changed(world, visit, now):
    url, _ = draft_of(world, now, world.kim.context.organization)
    before, lis, plan = read(world, url, now), visit("lis"), f"/kam/planer/{url_id(url)}"
    shown = words(lis.get(f"{plan}/"))
    assert "Gå en tur" in shown
    assert "Ret kladden" not in shown
    count = documents(world, now)
    goal = {"version": "1", "description": "Andet", "has_number": ""}
    paper = {"version": "1", "title": "Andet", "link": "https://a.example"}
    for address, given in (
        ("maal/ny/", goal),
        ("maal/0/", goal),
        ("materiale/ny/", paper),
        ("trin/0/", {"version": "1", "title": "Andet", "save": "1"}),
    ):
        answer = lis.post(f"{plan}/{address}", given)
        assert (answer.status_code, answer["Location"]) == (302, f"{plan}/")
    for address, given in (
        ("maal/0/fjern/", {}),
        ("materiale/0/fjern/", {}),
        ("trin/", {"chosen": url_id(world.published.activity)}),
    ):
        answer = lis.post(f"{plan}/{address}", {"version": "1", **given})
        assert answer.status_code == 422
        assert "Kun ejeren eller en medforfatter kan ændre det." in words(answer)
    assert read(world, url, now) == before
    assert documents(world, now) == count


def test_a_co_author_changes_a_plan_as_its_owner_does(world, visit, now):
    url, _ = draft_of(world, now, world.kim.context.organization)
    draft, ours = read(world, url, now), str(world.staff["lis"].principal.context.organization)
    role = owned_by(ours)
    role["extension"][1]["valueCodeableConcept"]["coding"][0]["code"] = "co-author"
    shared = {**draft, "extension": [*draft["extension"], role]}
    planning.save(world.gateway, shared, draft["meta"]["versionId"], by=SYSTEM, now=now)
    given = {"version": "2", "description": "Gå to ture", "has_number": ""}
    assert visit("lis").post(f"/kam/planer/{url_id(url)}/maal/0/", given).status_code == 302
    assert [each["description"]["text"] for each in read(world, url, now)["goal"]] == ["Gå to ture"]


def test_what_somebody_else_has_changed_meanwhile_is_not_written_over_and_leaves_no_material_behind(world, visit, now):
    url, _ = draft_of(world, now)
    count, plan, lis = documents(world, now), f"/kam/planer/{url_id(url)}", visit("lis")
    assert lis.post(f"{plan}/maal/0/fjern/", {"version": "1"}).status_code == 302
    for address, given in (
        ("maal/ny/", {"description": "Andet", "has_number": ""}),
        ("materiale/ny/", {"title": "Andet", "link": "https://a.example"}),
        ("materiale/0/fjern/", {}),
    ):
        assert lis.post(f"{plan}/{address}", {"version": "1", **given}).status_code == 412
    assert documents(world, now) == count
    assert len(read(world, url, now)["relatedArtifact"]) == 2


@pytest.mark.parametrize("address", ["maal/1/", "maal/9/fjern/", "materiale/2/fjern/"])
def test_a_goal_or_material_that_is_not_there_is_not_found(world, visit, now, address):
    url, _ = draft_of(world, now)
    lis = visit("lis")
    ask = lis.post if "fjern" in address else lis.get
    assert ask(f"/kam/planer/{url_id(url)}/{address}").status_code == 404


@pytest.mark.parametrize(("who", "place"), [("lis", "/kam"), ("asta", "/medarbejder"), ("nancy", "/borger")])
def test_a_document_is_fetched_by_each_from_their_own_place_and_never_run(world, visit, now, who, place):
    _, document = draft_of(world, now)
    answer = visit(who).get(f"{place}/materiale/{document}/")
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, PDF, "application/pdf")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_document_of_a_kind_that_could_run_is_given_as_bytes(world, visit, now):
    owner = str(world.staff["lis"].principal.context.organization)
    page = uploaded("Side", Document("x", "text/html", b"<script>"), owner)
    id = url_id(planning.create(world.gateway, page, by=SYSTEM, now=now))
    assert visit("nancy").get(f"/borger/materiale/{id}/")["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize("kind", ["text/plain", "text/plain; charset=utf-8"])
def test_a_document_of_plain_text_is_saved_under_a_name_that_opens(world, visit, now, kind):
    owner = str(world.staff["lis"].principal.context.organization)
    paper = uploaded("Husk", Document("Husk", kind, "Gå en tur".encode()), owner)
    id = url_id(planning.create(world.gateway, paper, by=SYSTEM, now=now))
    answer = visit("nancy").get(f"/borger/materiale/{id}/")
    assert (answer["Content-Type"], answer.content.decode()) == (kind, "Gå en tur")
    assert answer["Content-Disposition"] == 'attachment; filename="Husk.txt"'


@pytest.mark.parametrize(("who", "place"), [("asta", "/kam"), ("nancy", "/medarbejder"), ("nancy", "/kam")])
def test_the_place_of_others_is_closed(world, visit, now, who, place):
    _, document = draft_of(world, now)
    assert visit(who).get(f"{place}/materiale/{document}/").status_code == 403


def test_a_document_about_another_citizen_is_not_fetched(world, visit, nancy, now):
    tjoern = world.enrol(TJOERN)
    about = {
        "resourceType": "DocumentReference",
        "status": "current",
        "subject": {"reference": tjoern.patient},
        "content": [{"attachment": {"data": "JVBERi0=", "contentType": "application/pdf"}}],
    }
    id = url_id(planning.create(world.gateway, about, by=SYSTEM, now=now))
    assert visit("nancy").get(f"/borger/materiale/{id}/").status_code == 404


def test_the_citizen_reads_goals_and_material_in_danish_and_english_and_a_sentence_where_there_are_none(
    world, visit, nancy, now
):
    page = visit("nancy")
    assert "Der er ingen mål og intet at læse lige nu." in words(page.get("/borger/maal-og-materiale/"))
    url, _ = draft_of(world, now)
    lis = world.staff["lis"].principal
    planning.set_status(world.gateway, read(world, url, now), "active", "1", by=lis, now=now)
    send(world.gateway, nancy.patient, nancy.episode, url, Now(), by=world.asta, now=now)
    shown = words(page.get("/borger/maal-og-materiale/"))
    for text in ("Godt i gang", "Gå en tur", 'href="https://material.example/sov"', "Øvelser"):
        assert text in shown
    page.cookies["django_language"] = "en"
    assert "Read more" in words(page.get("/borger/maal-og-materiale/"))
    assert "Gå en tur" in words(visit("asta").get(f"/medarbejder/borgere/{url_id(nancy.patient)}/"))


def test_what_is_for_the_citizen_alone_stands_above_the_plans_with_links_of_the_web_only(world, visit, nancy, now):
    owner = str(world.asta.context.organization)
    coded = [{"coding": [{"system": ehealth.MATERIAL_CATEGORIES, "code": "patient-specific-material"}]}]
    about = {
        "category": coded,
        "subject": {"reference": nancy.patient},
        "context": {"encounter": [{"reference": nancy.episode}]},
    }
    for title, link in (("Dine øvelser", "https://material.example/dig"), ("Kør mig", "javascript:alert(1)")):
        made = linked(title, link, owner) | about
        # A document of the national sharing is not held against the rules of material.
        national = {"type": {"text": "Materiale"}, "meta": {"profile": [NATIONAL]}}
        made |= national if link.startswith("javascript") else {}
        planning.create(world.gateway, made, by=SYSTEM, now=now)
    paper = uploaded("", Document("", "application/pdf", PDF), owner) | about
    del paper["description"], paper["content"][0]["attachment"]["title"]
    stored = url_id(planning.create(world.gateway, paper, by=SYSTEM, now=now))
    page = visit("nancy")
    shown = words(page.get("/borger/maal-og-materiale/"))
    for text in (
        "Kun til dig",
        'href="https://material.example/dig"',
        f'href="/borger/materiale/{stored}/"',
        "Uden titel",
    ):
        assert text in shown
    assert ("Kør mig" in shown, "Der er ingen mål" in shown) == (False, False)
    assert page.get(f"/borger/materiale/{stored}/").content == PDF


def test_why_a_plan_was_not_taken_into_use_stands_in_one_box_with_where_it_is_mended(world, visit, now):
    lis, by = visit("lis"), world.staff["lis"].principal
    url = planning.clone(world.gateway, world.published.activity, "copy", by=by, now=now)
    activity = world.gateway.read(url, by=by, now=now)
    draft = planning.new_plan(Titles("Godt i gang"), activity, url, str(by.context.organization))
    plan = f"/kam/planer/{url_id(planning.create(world.gateway, draft, by=by, now=now))}/"
    shown = words(lis.get(plan))
    assert (shown.count('class="alert '), "Planen kan ikke tages i brug endnu" in shown) == (1, True)
    refused = lis.post(f"{plan}status/", {"version": "1", "do": "active"})
    assert refused.status_code == 422
    assert words(refused).count('class="alert ') == 1
    box = words(refused).partition('role="alert"')[2].partition("</ul>")[0]
    for each in ("Det kunne ikke gøres", "er ikke i brug", f"/kam/aktiviteter/{url_id(url)}/"):
        assert each in box
    assert (box.count("<li"), "planen bygger på" in box) == (1, False), "each once, in the page's own words"


def test_in_the_lists_what_is_another_organisations_says_whose_it_is(world, visit, now):
    """Titles are alike, and others' drafts stand among one's own, which alone one can change."""
    gateway, lis, who = world.gateway, visit("lis"), {"by": SYSTEM, "now": now}
    other = own_url(gateway.base_url, gateway.create(organization("Region Nord"), **who))
    own = planning.clone(gateway, world.published.activity, "copy", by=world.staff["lis"].principal, now=now)
    activity = dict(gateway.read(own, **who))
    pages = ("/kam/planer/", f"/kam/aktiviteter/{url_id(own)}/", f"/kam/aktiviteter/{url_id(own)}/kasser/")
    assert ["Region Nord" in words(lis.get(each)) for each in pages] == [False] * 3
    gateway.create(planning.new_plan(Titles("Godt i gang"), activity, own, other), **who)
    assert ["Region Nord" in words(lis.get(each)) for each in pages] == [True] * 3, "the plan is another's"
    assert "Region Nord" not in words(lis.get("/kam/aktiviteter/")), "the activity is one's own"
    asked = world.published.questionnaire
    gateway.create(planning.new_activity(Titles("Godt i gang"), gateway.read(asked, **who), asked, other), **who)
    assert "Region Nord" in words(lis.get("/kam/aktiviteter/"))


def test_a_plan_with_another_organisations_draft_in_it_says_whose_it_is_and_what_to_do(world, visit, now):
    """Nobody here can take it into use."""
    gateway, lis, who = world.gateway, visit("lis"), {"by": SYSTEM, "now": now}
    other = own_url(gateway.base_url, gateway.create(organization("Region Nord"), **who))
    asked = gateway.read(world.published.questionnaire, **who)
    theirs = planning.new_activity(Titles("Søvn"), asked, world.published.questionnaire, other)
    activity = gateway.create(theirs, **who)
    assert "Søvn (1.0, kladde) · Region Nord" in words(lis.get("/kam/planer/ny/"))
    own = str(world.staff["lis"].principal.context.organization)
    draft = planning.new_plan(Titles("Godt i gang"), activity, own_url(gateway.base_url, activity), own)
    plan = f"/kam/planer/{gateway.create(draft, **who)['id']}/"
    told = "”Søvn” er ikke i brug. Bed Region Nord tage den i brug, eller sæt en anden i stedet."
    refused = lis.post(f"{plan}status/", {"version": "1", "do": "active"})
    assert [told in words(each) for each in (lis.get(plan), lis.get(f"{plan}ret/"), refused)] == [True] * 3
    let = activity["extension"] + [edited_by(own)]
    gateway.update({**activity, "extension": let}, if_match=None, **who)
    assert "”Søvn” er ikke i brug. <a" in " ".join(words(lis.get(plan)).split()), "who may, does it there"


def test_a_step_without_a_title_of_its_own_is_called_as_what_it_runs(world, visit, now):
    url, _ = draft_of(world, now)
    draft = read(world, url, now)
    (step,) = draft["action"]
    nameless = {name: each for name, each in step.items() if name != "title"}
    planning.save(world.gateway, {**draft, "action": [nameless]}, "1", by=SYSTEM, now=now)
    title = labels.title(read(world, step["definitionCanonical"], now))
    assert f">{title}</h1>" in words(visit("lis").get(f"/kam/planer/{url_id(url)}/trin/0/"))


def test_a_draft_questionnaire_is_one_press_from_its_plan_and_one_that_was_discarded_is_told_at_once(world, visit, now):
    by, gateway, lis = world.staff["lis"].principal, world.gateway, visit("lis")
    asked = planning.clone(gateway, world.published.questionnaire, "copy", by=by, now=now)
    owner = str(by.context.organization)
    draft = planning.new_activity(Titles("Dagbog"), read(world, asked, now), asked, owner)
    activity = planning.create(gateway, draft, by=by, now=now)
    plan = planning.new_plan(Titles("Plan"), draft, activity, owner)
    pages = (
        f"/kam/planer/{url_id(planning.create(gateway, plan, by=by, now=now))}/",
        f"/kam/aktiviteter/{url_id(activity)}/",
    )
    shown = words(lis.get(pages[0]))
    assert "er ikke i brug. Tag det i brug." in shown
    assert f'href="/administration/spoergeskemaer/{url_id(asked)}/">Åbn spørgeskemaet</a>' in shown
    gateway.delete(asked, by=SYSTEM, now=now)
    assert "”Dagbog” spørger om et spørgeskema, der ikke findes mere. Sæt et andet i stedet." in words(
        lis.get(pages[0])
    )
    assert "Et spørgeskema, der ikke findes mere. Sæt et andet i stedet." in words(lis.get(pages[1]))
