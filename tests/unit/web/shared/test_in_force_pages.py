"""An editor takes a view or guidance into use, or out of it, on a page that says first what changes."""

import html
import re
from dataclasses import replace

import pytest

from kommunalpro.care.bundles import url_id
from kommunalpro.care.planning import clone
from kommunalpro.config import wiring
from kommunalpro.config.publishing import guidance_resource, view_resource
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.extension import extension
from kommunalpro.fhir.json import loads
from kommunalpro.fut.content import content_of, status_of
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.privileges import privileges_of
from tests.live import PROJECT
from tests.unit.web.shared.conftest import words

FOLDER = PROJECT / "definitions" / "hverdagen-med-kronisk-sygdom"
MAKE = {"view": view_resource, "guidance": guidance_resource}
PLACE = {"view": "/administration/visninger", "guidance": "/administration/vejledninger"}
FASTER = "En anden har ændret det imens"
MUCH = {"id": "meget-ondt", "item": "smerte-styrke", "operator": ">=", "value": 9, "source": "Til prøven"}
CALL = {"da": "Ring til din læge i dag.", "en": "Call your doctor today."}
each_kind = pytest.mark.parametrize("kind", MAKE)


@pytest.fixture
def made(world):
    """Store a view or guidance of Demo Kommune, or of Region Demo (Kim); gives the path of its page."""

    def store(kind="view", level="national", status="draft", by="lis", questionnaire=None, **changes):
        editor = replace(world.staff[by].principal, privileges=privileges_of(["questionnaireEditor"]))
        content = {**loads((FOLDER / f"{kind}.json").read_bytes()), "level": level, "version": "2.0", **changes}
        basic = MAKE[kind](content, questionnaire or world.published.questionnaire, editor)
        extension(basic, ehealth.STATUS)["valueCoding"]["code"] = status
        stored = world.gateway.create(basic, by=editor, now=wiring.clock().now())
        return f"{PLACE[kind]}/{stored['id']}/"

    return store


@pytest.fixture
def in_use(world):
    """The versions in use of a kind and level, and the page of the one with a version."""

    def found(kind, level="national"):
        code = "view" if kind == "view" else "actionguidance"
        search = world.gateway.search(
            "Basic", [("code", code), ("status", "active")], by=SYSTEM, now=wiring.clock().now()
        )
        same = [each for each in resources(search, "Basic") if content_of(each)["level"] == level]
        return {content_of(each)["version"]: f"{PLACE[kind]}/{each['id']}/" for each in same}

    return found


def status(page):
    gateway = wiring.gateway()
    id = page.strip("/").rsplit("/", 1)[-1]
    return status_of(gateway.read(f"{gateway.base_url}/Basic/{id}", by=SYSTEM, now=wiring.clock().now()))


def text(response):
    """A page as it is read, without its markup."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", words(response))))


def asked(client, address):
    """The page that asks, as read, and what its form sends."""
    response = client.get(address)
    assert response.status_code == 200
    return text(response), dict(re.findall(r'name="(seen)" value="([^"]*)"', words(response)))


@each_kind
def test_a_draft_comes_into_use_after_a_page_that_says_what_changes(lis, made, in_use, kind):
    [(version, before)] = in_use(kind).items()
    page = made(kind)
    assert f'href="{page}tag-i-brug/"' in words(lis.get(page))
    read, form = asked(lis, f"{page}tag-i-brug/")
    for said in ("i brug?", "Hverdagen med kronisk sygdom", "National: ", "Ejes af Demo Kommune", "går ud af brug"):
        assert said in read
    assert f'href="{before}"' in words(lis.get(f"{page}tag-i-brug/"))
    earlier = (
        "Lys, der er gemt med tidligere svar, bliver stående." if kind == "view" else "også ved svar, der er sendt"
    )
    assert earlier in read
    assert list(in_use(kind)) == [version], "looking changes nothing"
    done = lis.post(f"{page}tag-i-brug/", form, follow=True)
    assert done.redirect_chain == [(page, 302)]
    assert "I brug" in text(done)
    assert "Flere er i brug til det samme" not in text(done)
    assert list(in_use(kind)) == ["2.0"]
    assert "Udgået" in text(lis.get(before))


def test_a_local_view_says_that_it_holds_here_alone_and_what_the_national_one_covered(lis, made):
    made(status="active", acute=[{**MUCH, "text": CALL}])
    read, _ = asked(lis, f"{made(level='local')}tag-i-brug/")
    for said in ("Lokal: kun hos Demo Kommune.", "som stadig gælder andre steder", "Disse svar er ikke akutte mere"):
        assert said in read
    assert "Ring til din læge i dag." in read


def test_a_view_of_a_draft_comes_into_use_before_its_questionnaire(lis, made, world):
    """A version that had lights is published with a view of its own, or not at all without a signature."""
    by, now = world.staff["lis"].principal, wiring.clock().now()
    version = clone(world.gateway, world.published.questionnaire, "minor-version", by=by, now=now)
    page = made(questionnaire=version)
    read, form = asked(lis, f"{page}tag-i-brug/")
    for said in ("Den virker først, når spørgeskemaet er i brug.", "I stedet for Ingen"):
        assert said in read
    assert lis.post(f"{page}tag-i-brug/", form).status_code == 302
    life = f"/administration/spoergeskemaer/{url_id(version)}/status/"
    begun = lis.post(life, {"do": "active", "version": "1"}, follow=True)
    assert "Det har fået en plan med én aktivitet, så det kan sendes." in text(begun), "nobody asked for the plan"
    assert "Det har fået en plan" not in text(lis.get(f"/administration/spoergeskemaer/{url_id(version)}/"))
    assert world.gateway.read(version, by=SYSTEM, now=now)["status"] == "active"


def test_local_guidance_says_that_it_is_added(lis, made):
    made("guidance", level="local", version="1.5", status="active")
    read, _ = asked(lis, f"{made('guidance', level='local')}tag-i-brug/")
    assert "Lokal: kun for medarbejdere hos Demo Kommune, sammen med den nationale vejledning." in read


def test_all_that_is_wrong_stands_on_the_page_and_nothing_has_changed(lis, made, in_use):
    topic = {"id": "soevn", "title": {"da": "Søvn"}, "items": ["findes-ikke", "heller-ikke"], "scores": []}
    page = made(topics=[topic], scores=[])
    _, form = asked(lis, f"{page}tag-i-brug/")
    refused = lis.post(f"{page}tag-i-brug/", form)
    assert refused.status_code == 422
    read = text(refused)
    for said in ("kan ikke tages i brug endnu", "findes-ikke: Spørgsmålet findes ikke", "heller-ikke: Spørgsmålet"):
        assert said in read
    assert "Lad den være kladde" in read
    assert (status(page), "1.0" in in_use("view")) == ("draft", True)


def test_who_was_second_is_led_back_to_the_page_as_it_is_now(lis, made, in_use):
    page, other = made(), made(version="3.0")
    _, form = asked(lis, f"{page}tag-i-brug/")
    lis.post(f"{other}tag-i-brug/", asked(lis, f"{other}tag-i-brug/")[1])
    second = lis.post(f"{page}tag-i-brug/", form)
    assert second.status_code == 412
    assert FASTER in text(second)
    assert f'href="{page}tag-i-brug/"' in words(second), "it can be done again from here"
    assert (list(in_use("view")), status(page)) == (["3.0"], "draft")


@each_kind
def test_pressing_twice_is_told_and_does_nothing_more(lis, made, in_use, kind):
    page = made(kind)
    _, form = asked(lis, f"{page}tag-i-brug/")
    assert lis.post(f"{page}tag-i-brug/", form).status_code == 302
    again = lis.post(f"{page}tag-i-brug/", form)
    assert (again.status_code, FASTER in text(again), list(in_use(kind))) == (412, True, ["2.0"])


OUT = {
    "view": "Emner og scorer i svar, der sendes fra nu af, får ikke noget trafiklys. De er ikke vurderet",
    "guidance": "Medarbejderne ser ikke rådene mere, heller ikke ved svar, der er sendt før.",
}


@each_kind
def test_what_goes_out_of_use_says_what_is_missing_then(lis, in_use, kind):
    [page] = in_use(kind).values()
    assert f'href="{page}tag-ud-af-brug/"' in words(lis.get(page))
    read, form = asked(lis, f"{page}tag-ud-af-brug/")
    assert OUT[kind] in read
    assert "Det kan ikke fortrydes" in read
    assert list(in_use(kind).values()) == [page], "looking changes nothing"
    done = lis.post(f"{page}tag-ud-af-brug/", form, follow=True)
    assert done.redirect_chain == [(page, 302)]
    assert (status(page), in_use(kind)) == ("retired", {})
    assert "tag-ud-af-brug" not in words(done)


def test_without_the_local_view_the_national_one_decides(lis, made):
    local = made(level="local", status="active", acute=[{**MUCH, "text": CALL}])
    read, _ = asked(lis, f"{local}tag-ud-af-brug/")
    for said in (
        "får trafiklys efter den nationale visning",
        "Disse svar er ikke akutte mere",
        "Lokal: kun hos Demo Kommune.",
    ):
        assert said in read


@each_kind
def test_that_two_are_in_use_stands_on_both_pages_and_the_newest_decides(lis, made, in_use, kind):
    [older] = in_use(kind).values()
    newer = made(kind, status="active")
    for page, other in ((older, newer), (newer, older)):
        shown = lis.get(page)
        assert "Flere er i brug til det samme" in text(shown)
        assert re.search(r"Den nyeste bestemmer, og det er [^.]* 2\.0\.", text(shown))
        assert f'href="{other}"' in words(shown)
    unchanged = {"view": "er nyere og bestemmer allerede", "guidance": "Medarbejderne mærker ingen forskel"}[kind]
    assert unchanged in asked(lis, f"{older}tag-ud-af-brug/")[0]
    lis.post(f"{older}tag-ud-af-brug/", asked(lis, f"{older}tag-ud-af-brug/")[1])
    assert list(in_use(kind)) == ["2.0"]
    assert "Flere er i brug til det samme" not in text(lis.get(newer))


def test_one_that_is_older_says_which_decides_after_the_newest(lis, made):
    page = made(status="active")
    assert "får trafiklys efter" in asked(lis, f"{page}tag-ud-af-brug/")[0]


@each_kind
def test_what_is_anothers_or_is_there_already_is_only_read(lis, made, in_use, kind):
    anothers = made(kind, level="local", by="kim")
    [active] = in_use(kind).values()
    for page, step in ((anothers, "tag-i-brug"), (active, "tag-i-brug"), (made(kind), "tag-ud-af-brug")):
        answered = lis.get(f"{page}{step}/")
        assert (answered.status_code, answered["Location"]) == (302, page)
        assert f"{step}/" not in words(lis.get(page))
    _, form = asked(lis, f"{made(kind)}tag-i-brug/")
    assert lis.post(f"{anothers}tag-i-brug/", form).status_code == 412
    assert status(anothers) == "draft"


def test_what_another_organisation_owns_is_refused_by_the_server_too(lis, made):
    """The page offers nothing; who sends the form all the same is told why."""
    form = asked(lis, f"{made(level='local')}tag-i-brug/")[1]
    _, national = sorted(form["seen"].split(), key=lambda each: status(f"/{each.split('/')[0]}/") == "active")
    page = made(level="local", by="kim")
    ours = f"{page.split('/')[-2]}/1"
    refused = lis.post(f"{page}tag-i-brug/", {"seen": " ".join(sorted((ours, national)))})
    assert (refused.status_code, status(page)) == (422, "draft")
    assert "alert-error" in words(refused)


def test_it_is_asked_in_english_too(lis, made, in_use):
    lis.cookies["django_language"] = "en"
    [active] = in_use("view").values()
    read, _ = asked(lis, f"{made()}tag-i-brug/")
    assert "Lights stored with earlier answers stay as they are." in read
    assert "They are not assessed, never green." in asked(lis, f"{active}tag-ud-af-brug/")[0]
