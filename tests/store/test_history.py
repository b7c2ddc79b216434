"""History: what was so, for those who may know what is so."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kommunalpro.fhir.bundle import link
from kommunalpro.fhir.json import dumps
from kommunalpro.fhir.outcome import BadRequest, Forbidden, NotFound, UnknownParameter
from kommunalpro.fhirserver import history
from kommunalpro.fhirserver.pages import query_of
from tests.people import ASTA, BO, NANCY, OUTSIDERS, TJOERN
from tests.resources import clinical_impression, communication, observation, organization, practitioner, task, to
from tests.store.cast import BASE, LATER, NOW, citizen, staff, without
from tests.store.test_properties import undone

ABOUT_NANCY = {"patient": "nancy", "episode_of_care": "nancys"}
outsiders = pytest.mark.parametrize("outsider", OUTSIDERS, ids=lambda person: person.key)


def entries(bundle):
    """(key, version or `gone`) of each entry, newest first."""
    found = []
    for each in bundle.get("entry", ()):
        key = "/".join(each["fullUrl"].split("/")[-2:])
        found.append((key, "gone" if "resource" not in each else each["resource"]["meta"]["versionId"]))
    return found


@pytest.fixture
def changed(store):
    """An organisation that was changed and deleted, and another that was changed once."""
    for second, name in enumerate(("Ny", "Nyere")):
        at = NOW + timedelta(seconds=second)
        resource = {**organization(name), **({"id": "a"} if second else {})}
        store.update(resource, now=at) if second else store.create(resource, id="a", now=at)
    store.delete("Organization", "a", now=NOW + timedelta(seconds=2))
    store.create(organization("B"), id="b", now=NOW + timedelta(seconds=3))
    store.update({**organization("B2"), "id": "b"}, now=NOW + timedelta(seconds=4))
    store.create(practitioner(), id="p", now=NOW + timedelta(seconds=5))
    return store


def test_of_one_resource_every_version_newest_first_its_deletion_too(changed):
    answer = changed.history("Organization", "a")
    assert answer["type"] == "history"
    assert entries(answer) == [("Organization/a", "gone"), ("Organization/a", "2"), ("Organization/a", "1")]
    assert [each["request"] for each in answer["entry"]] == [
        {"method": "DELETE", "url": "Organization/a"},
        {"method": "PUT", "url": "Organization/a"},
        {"method": "POST", "url": "Organization"},
    ]
    assert [each["response"]["status"] for each in answer["entry"]] == ["204", "200", "201"]
    assert [each["response"]["etag"] for each in answer["entry"]] == ['W/"3"', 'W/"2"', 'W/"1"']
    assert {each["fullUrl"] for each in answer["entry"]} == {f"{BASE}/Organization/a"}
    assert [each["resource"]["name"] for each in answer["entry"][1:]] == ["Nyere", "Ny"]


def test_of_a_type_and_of_everything(changed):
    organizations = [("Organization/b", "2"), ("Organization/b", "1"), ("Organization/a", "gone")]
    organizations += [("Organization/a", "2"), ("Organization/a", "1")]
    assert entries(changed.history("Organization", None)) == organizations
    assert entries(changed.history(None, None)) == [("Practitioner/p", "1"), *organizations]


def test_an_audit_event_has_one_version_and_is_not_among_everything(changed):
    event = changed.audit()[0]["id"]
    assert entries(changed.history("AuditEvent", event)) == [(f"AuditEvent/{event}", "1")]
    assert not any(key.startswith("AuditEvent") for key, _ in entries(changed.history(None, None)))


def test_since_a_moment_with_that_moment(changed):
    since = (NOW + timedelta(seconds=3)).isoformat()
    assert entries(changed.history("Organization", None, ("_since", since))) == [
        ("Organization/b", "2"),
        ("Organization/b", "1"),
    ]
    assert entries(changed.history("Organization", "a", ("_since", since))) == []


def test_who_asks_again_by_what_the_bundle_says_misses_nothing(store):
    """A writer that began before the first request, and is done after it."""
    store.create(organization("Før"), id="a", now=NOW)
    first = store.history("Organization", None, now=LATER)
    store.create(organization("Sent"), id="b", now=LATER - timedelta(seconds=20))
    again = store.history("Organization", None, ("_since", first["meta"]["lastUpdated"]), now=LATER)
    assert ("Organization/b", "1") in entries(again)
    assert first["meta"]["lastUpdated"] < (LATER - timedelta(seconds=20)).isoformat()


@settings(max_examples=25, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    writes=st.lists(st.sampled_from("abc"), min_size=1, max_size=9),
    count=st.integers(1, 4),
    meanwhile=st.booleans(),
    most=st.sampled_from((history.MOST_TEXT, 1500, 1)),
)
def test_pages_hold_every_version_once_though_others_write(store, writes, count, meanwhile, most):
    with undone(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(history, "MOST_TEXT", most)
        made = []
        for number, id in enumerate(writes):
            # Several in the same microsecond, and of the same resource.
            at = NOW + timedelta(seconds=number // 3)
            new = not any(key == f"Organization/{id}" for key, _ in made)
            if new:
                store.create(organization(f"{number}"), id=id, now=at)
            else:
                store.update({**organization(f"{number}"), "id": id}, now=at)
            made.append((f"Organization/{id}", str(writes[: number + 1].count(id))))
        seen, page = [], []
        for _ in range(20):
            answer = store.history("Organization", None, ("_count", str(count)), *page)
            seen += entries(answer)
            if meanwhile:
                store.update({**organization("meanwhile"), "id": writes[0]}, now=LATER)
            cursor = (link(answer, "next") or "").partition("_page=")[2]
            if not cursor:
                break
            page = [("_page", cursor)]
        assert sorted(seen) == sorted(made)


def test_a_page_of_large_versions_holds_fewer_and_the_next_goes_on(store, monkeypatch):
    """A thousand of the largest would take all the memory there is; those that do not fit are not read."""
    given, rows = [], history.rows
    monkeypatch.setattr(history, "rows", lambda *asked: given.append(rows(*asked)) or given[-1])
    large = {**organization("Nord"), "id": "a", "alias": ["ø" * 1_000_000]}
    for second in range(7):
        at = NOW + timedelta(seconds=second)
        store.update(large, now=at) if second else store.create(large, id="a", now=at)
    store.delete("Organization", "a", now=NOW + timedelta(seconds=9))
    pages, page = [], []
    while page is not None:
        answer = store.history("Organization", "a", ("_count", "1000"), *page)
        pages.append([version for _, version in entries(answer)])
        following = (link(answer, "next") or "").partition("_page=")[2]
        page = [("_page", following)] if following else None
    assert pages == [["gone", "7", "6", "5"], ["4", "3", "2"], ["1"]]
    assert max(sum(len(str(row).encode()) for row in each) for each in given) < history.MOST_TEXT


@pytest.mark.parametrize(
    ("name", "value"), [("name", "x"), ("_sort", "_lastUpdated"), ("_at", "2026"), ("_summary", "true")]
)
def test_what_is_not_offered_is_refused_by_its_name(store, name, value):
    with pytest.raises(UnknownParameter) as refused:
        store.history("Organization", None, (name, value))
    assert name in refused.value.issues[0].diagnostics


@pytest.mark.parametrize("name", ["_since", "_count"])
def test_what_has_no_value_is_passed_over_as_in_a_search(changed, name):
    assert changed.history("Organization", None, (name, ""))["entry"] == changed.history("Organization", None)["entry"]


@pytest.mark.parametrize(
    ("name", "value"), [("_since", "yesterday"), ("_count", "-1"), ("_page", "x"), ("_page", "W10")]
)
def test_what_cannot_be_read_is_refused(store, name, value):
    with pytest.raises(BadRequest):
        store.history("Organization", None, (name, value))


def test_where_a_page_ends_is_told_in_a_link_that_nobody_else_can_make_or_read(changed):
    following = (link(changed.history("Organization", None, ("_count", "1")), "next") or "").partition("_page=")[2]
    assert b"Organization" not in urlsafe_b64decode(following + "==")
    forged = urlsafe_b64encode(dumps([2**62, "Organization", "a"])).decode().rstrip("=")
    of_a_search = changed.server.pages.write(query_of("Organization", ()), [2**62, "Organization", "a"])
    for made_elsewhere in (forged, of_a_search):
        with pytest.raises(BadRequest, match="not made by this server"):
            changed.history("Organization", None, ("_page", made_elsewhere))
    with pytest.raises(BadRequest, match="not made by this server"):
        changed.search("Organization", ("_page", following))


# --- Who may know


@pytest.fixture
def nancys(clinic):
    clinic.create(observation("nancy", "nancys"), id="maaling")
    clinic.update({**observation("nancy", "nancys", status="amended"), "id": "maaling"})
    clinic.create(communication("nancy", "nancys"), id="notat")
    clinic.delete("Communication", "notat")
    return clinic


def test_the_own_team_sees_what_was(nancys):
    by = staff(ASTA, **ABOUT_NANCY)
    assert entries(nancys.history("Observation", "maaling", by=by)) == [
        ("Observation/maaling", "2"),
        ("Observation/maaling", "1"),
    ]
    assert entries(nancys.history("Observation", None, by=staff(ASTA))) == entries(nancys.history("Observation", None))
    assert entries(nancys.history("Communication", "notat", by=by)) == [
        ("Communication/notat", "gone"),
        ("Communication/notat", "1"),
    ]


@outsiders
def test_another_team_sees_nothing_of_it_and_no_sign_that_it_is_there(nancys, outsider):
    for type, id in (("Observation", "maaling"), ("Communication", "notat")):
        with pytest.raises(NotFound) as hidden:
            nancys.history(type, id, by=staff(outsider, **ABOUT_NANCY))
        with pytest.raises(NotFound) as absent:
            nancys.history(type, "nobody", by=staff(outsider, **ABOUT_NANCY))
        assert hidden.value.to_fhir() == absent.value.to_fhir()
        assert entries(nancys.history(type, None, by=staff(outsider))) == []


def test_a_citizen_sees_their_own(nancys):
    assert len(entries(nancys.history("Observation", None, by=citizen(NANCY)))) == 2
    assert entries(nancys.history("Observation", None, by=citizen(TJOERN))) == []


def test_what_was_deleted_is_still_under_the_category_it_was_under(nancys):
    nancys.create(communication("nancy", "nancys", "measuring-support"), id="skjult")
    nancys.delete("Communication", "skjult")
    viewer = without(staff(ASTA), "RestrictionCategory$measuring-support")
    assert ("Communication/skjult", "gone") not in entries(nancys.history("Communication", None, by=viewer))
    assert ("Communication/skjult", "gone") in entries(nancys.history("Communication", None, by=staff(ASTA)))
    with pytest.raises(NotFound):
        nancys.read("Communication", "skjult", by=viewer)


@pytest.fixture
def corrected(nancys):
    """A measurement that was registered on the wrong citizen, Nancy, and put right to Tjørn."""
    nancys.create(observation("nancy", "nancys"), id="forkert")
    nancys.update({**observation("tjoern", "tjoerns"), "id": "forkert"})
    nancys.update({**observation("tjoern", "tjoerns", status="amended"), "id": "forkert"})
    nancys.forget_audit()
    return nancys


@pytest.mark.parametrize("by", [staff(BO), citizen(TJOERN)], ids=["team", "citizen"])
def test_what_was_registered_on_another_citizen_is_not_shown_to_the_right_one(corrected, by):
    expected = [("Observation/forkert", "3"), ("Observation/forkert", "2")]
    assert entries(corrected.history("Observation", "forkert", by=by)) == expected
    assert entries(corrected.history("Observation", None, by=by)) == expected
    with pytest.raises(NotFound) as hidden:
        corrected.vread("Observation", "forkert", "1", by=by)
    with pytest.raises(NotFound) as absent:
        corrected.vread("Observation", "forkert", "7", by=by)
    assert hidden.value.to_fhir() == absent.value.to_fhir()
    assert corrected.vread("Observation", "forkert", "2", by=by)["subject"]["reference"] == f"{BASE}/Patient/tjoern"
    assert "nancy" not in str([event["entity"] for event in corrected.audit()])


@pytest.mark.parametrize(("version", "expected"), [("1", ["3"]), ("2", ["2", "3"]), ("3", ["3"])])
def test_nor_does_it_come_along_with_what_refers_to_it(corrected, version, expected):
    pinned = to(f"Observation/forkert/_history/{version}")
    item = {"code": {"text": "Måling"}, "item": [pinned, to("Observation/forkert")]}
    with corrected.as_() as session:  # an operation's, which is not asked whose the version was
        session.elevated().create(clinical_impression("tjoern", "tjoerns", investigation=[item]))
    asked = ("patient", "tjoern"), ("_include", "ClinicalImpression:investigation")
    found = corrected.search("ClinicalImpression", *asked, by=staff(BO))["entry"][1:]
    assert [each["resource"]["meta"]["versionId"] for each in found] == expected


def test_nor_to_the_wrong_one_and_their_team(corrected):
    assert ("Observation/forkert", "1") not in entries(corrected.history("Observation", None, by=staff(ASTA)))
    for version in ("1", "2"):
        with pytest.raises(NotFound):
            corrected.vread("Observation", "forkert", version, by=citizen(NANCY))


def test_a_page_without_what_was_another_citizens_still_leads_to_the_next(corrected):
    corrected.delete("Observation", "forkert", now=LATER)
    seen, page = [], []
    for _ in range(9):
        answer = corrected.history("Observation", "forkert", ("_count", "1"), *page, by=staff(BO))
        seen += entries(answer)
        following = (link(answer, "next") or "").partition("_page=")[2]
        if not following:
            break
        page = [("_page", following)]
    assert [version for _, version in seen] == ["gone", "3", "2"]


def test_who_may_see_everything_sees_whose_it_was_and_it_is_audited_as_theirs(corrected):
    assert [version for _, version in entries(corrected.history("Observation", "forkert"))] == ["3", "2", "1"]
    of_nancy = [str(event["entity"]) for event in corrected.audit() if f"{BASE}/Patient/nancy" in str(event["entity"])]
    assert ["forkert/_history/1" in of_nancy[0], "forkert/_history/2" in of_nancy[0], len(of_nancy)] == [True, False, 1]
    assert corrected.vread("Observation", "forkert", "1")["subject"]["reference"] == f"{BASE}/Patient/nancy"


def test_who_leaves_the_team_sees_no_more_of_what_was(nancys):
    team = nancys.read("CareTeam", "nord")
    nancys.update({name: value for name, value in team.items() if name != "participant"})
    assert entries(nancys.history("Observation", None, by=staff(ASTA))) == []


def test_everything_is_for_the_system_alone(nancys):
    with pytest.raises(Forbidden):
        nancys.history(None, None, by=staff(ASTA))


def test_a_history_takes_the_privilege_to_read_and_the_context_that_reading_takes(nancys):
    with pytest.raises(Forbidden):
        nancys.history("Observation", None, by=without(staff(ASTA), "Observation."))
    with pytest.raises(Forbidden):
        nancys.history("EpisodeOfCare", "nancys", by=staff(ASTA))


def test_each_patient_of_a_history_has_an_audit_event(nancys):
    nancys.create(task("tjoern", "tjoerns"), id="opgave")
    nancys.forget_audit()
    nancys.history("Observation", None, by=staff(ASTA))
    [event] = nancys.audit()
    assert event["action"] == "R"
    assert event["subtype"][0]["code"] == "history-type"
    assert f"{BASE}/Patient/nancy" in str(event["entity"])
    assert f"{BASE}/Observation/maaling/_history/1" in str(event["entity"])
    nancys.forget_audit()
    nancys.history("Observation", None, by=staff(BO))
    assert nancys.audit() == []
