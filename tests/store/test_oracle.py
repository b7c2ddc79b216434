"""Search against an oracle: whatever is asked, by whomever, the answer is what a list looked through by hand gives."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kommunalpro.fhir.bundle import link
from kommunalpro.fhirserver.search import run
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.rules import EHealthRules
from tests.people import ASTA, BO, KIM, NANCY, TJOERN
from tests.resources import episode_of_care, observation
from tests.store.cast import BASE, ids
from tests.store.oracle import Oracle
from tests.store.test_properties import undone

UCUM = "http://unitsofmeasure.org"
CODES = [{"system": "s", "code": "a"}, {"system": "s", "code": "b"}, {"system": "t", "code": "a"}, {"code": "a"}]
STATUSES = ("final", "amended", "entered-in-error")
MOMENTS = ("2026", "2026-11", "2026-11-23", "2026-11-23T08:00:00+01:00", "2026-10-25", "2025-12-31")
# R4 compares days as far as both are told: the last of them ends before it begins.
PERIODS = [
    {"effectivePeriod": {"start": start, "end": end}}
    for start, end in (("2025-12", "2026-11-23"), ("2026-11-23T23:30:00Z", "2026-11-23"))
]
NUMBERS = ("5.4", "5.44", "5", "-1.5", "0", "100")
PREFIXES = ("", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
EPISODES = {"nancys": "nancy", "tjoerns": "tjoern", "nancys-other": "nancy"}
SOURCES = ("http://a.example", "http://a.example/b")

COMPARATORS = [{}, {}, *({"comparator": each} for each in ("<", "<=", ">=", ">"))]

quantities = st.builds(
    lambda value, comparator, unit: {"value": Decimal(value), **comparator, **unit},
    st.sampled_from(NUMBERS),
    st.sampled_from(COMPARATORS),
    st.sampled_from(
        [{}, {"unit": "kg"}, {"unit": "kilo", "system": UCUM, "code": "kg"}, {"system": UCUM, "code": "m"}]
    ),
)


@st.composite
def observations(draw):
    """An Observation about one of the citizens, with some of what it can have."""
    episode = draw(st.sampled_from(sorted(EPISODES)))
    made = observation(EPISODES[episode], episode, status=draw(st.sampled_from(STATUSES)))
    made["code"] = {"coding": draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=2, unique_by=str))}
    made.pop("effectiveDateTime")
    made.update(draw(st.sampled_from([{"effectiveDateTime": each} for each in MOMENTS] + PERIODS)))
    made["performer"] = draw(st.lists(st.sampled_from(PERFORMERS), min_size=1, max_size=2))
    quantity, source = draw(st.none() | quantities), draw(st.none() | st.sampled_from(SOURCES))
    made["valueQuantity"] = quantity
    if quantity is None:
        del made["valueQuantity"]
    return {**made, **({"meta": {"source": source}} if source else {})}


CODED = {"system": "urn:oid:1.2.3", "value": "7"}
VERSIONS = [f"{BASE}/Patient/nancy{version}" for version in ("", "/_history/1", "/_history/2")]
PERFORMERS = [{"identifier": CODED}, *({"reference": each} for each in VERSIONS)]
CODE_VALUES = ("a", "s|a", "|a", "s|", "t|a", "b", "s|c")
UNITS = ("", "|http://unitsofmeasure.org|kg", "||kg", "||kilo", "|http://unitsofmeasure.org|g")


def one_or_two(values):
    return st.lists(values, min_size=1, max_size=2).map(",".join)


def about(*names, values):
    return st.tuples(st.sampled_from(names), values)


numbers = st.builds("{}{}{}".format, st.sampled_from(PREFIXES), st.sampled_from(NUMBERS), st.sampled_from(UNITS))
moments = st.builds("{}{}".format, st.sampled_from(PREFIXES), st.sampled_from(MOMENTS))
codes = st.sampled_from(CODE_VALUES)
PATIENT_IDS = ("nancy", "nobody", f"{BASE}/Patient/nancy", "Patient/tjoern", f"{BASE}/Patient/nobody")
subjects = st.sampled_from(PATIENT_IDS)

ASKED = {
    "Observation": st.one_of(
        about("code", "code:not", values=one_or_two(codes)),
        about("status", "status:not", values=one_or_two(st.sampled_from(STATUSES))),
        about("subject", "subject:Patient", values=one_or_two(subjects)),
        about("episodeOfCare", values=one_or_two(st.sampled_from(sorted(EPISODES)))),
        about("performer", values=one_or_two(st.sampled_from((*VERSIONS, "Patient/nancy/_history/3")))),
        about("performer:identifier", values=st.sampled_from(("7", "urn:oid:1.2.3|7", "|7", "8"))),
        about("date", values=one_or_two(moments)),
        about("value-quantity", values=one_or_two(numbers)),
        about(
            "code-value-quantity",
            values=one_or_two(st.builds("{}${}".format, st.sampled_from(("a", "s|b", "|a")), numbers)),
        ),
        about("_source", values=one_or_two(st.sampled_from(SOURCES))),
        about(
            "value-quantity:missing", "_source:missing", "performer:missing", values=st.sampled_from(("true", "false"))
        ),
        about("subject.family", "subject.family:contains", values=st.sampled_from(("ber", "sim", "GGREN", "x"))),
        about("subject.phonetic", values=st.sampled_from(("Bergren", "Egon Simonssen"))),
        about("subject:Patient.given:exact", values=st.sampled_from(("Nancy", "nancy", "Tjørn"))),
        about("episodeOfCare.status", values=st.sampled_from(("planned", "active"))),
    ),
    "Patient": st.one_of(
        about(
            "family", "family:contains", "family:exact", "given", values=st.sampled_from(("Berggren", "ber", "a", "E"))
        ),
        about(
            "phonetic",
            values=one_or_two(
                st.sampled_from(("Nansi", "Anne Bergren", "Nancy Berggren", "Tjoern", "SIMONSSEN", "Berg"))
            ),
        ),
        about("identifier", values=st.sampled_from((f"urn:oid:1.2.208.176.1.2|{NANCY.cpr}", TJOERN.cpr, "x|1"))),
        about("_has:Observation:subject:code", values=codes),
        about("_has:Observation:subject:value-quantity", values=numbers),
        about("_has:EpisodeOfCare:patient:status", values=st.sampled_from(("planned", "active"))),
    ),
    "EpisodeOfCare": st.one_of(
        about("patient.family", values=st.sampled_from(("ber", "sim", "x"))),
        about("_has:Observation:episodeOfCare:status:not", values=st.sampled_from(STATUSES)),
        about("patient", values=subjects),
        about("status", values=st.sampled_from(("planned", "active"))),
    ),
}
WHO = {"the system": SYSTEM, "asta": ASTA.at(BASE), "bo": BO.at(BASE), "kim": KIM.at(BASE), "nancy": NANCY.at(BASE)}
TEAM_OF = {"nancys": {"nord"}, "tjoerns": {"syd"}, "nancys-other": {"syd"}}
"""Which teams are on a course of care; everything about it, and whose it is, is seen by them."""


def seen_by(who, row):
    """Who may see a row, as `fut.md` 5.2 says it: the team's own, and a citizen's own."""
    if who == "the system":
        return True
    patient, episode = owner_of(row)
    if who == "nancy":
        return patient == "nancy"
    team = WHO[who].context.care_team.rsplit("/", 1)[-1]
    return any(team in TEAM_OF[each] for each in EPISODES if episode in (each, "") and EPISODES[each] == patient)


def owner_of(row):
    if row["resourceType"] == "Patient":
        return row["id"], ""
    if row["resourceType"] == "EpisodeOfCare":
        return EPISODES[row["id"]], row["id"]
    episode = row["extension"][0]["valueReference"]["reference"].rsplit("/", 1)[-1]
    return EPISODES[episode], episode


def must_carry(who, type):
    """What a search has to say again of the context that it is made in."""
    if who == "nancy":
        return {"Observation": [("subject", f"{BASE}/Patient/nancy")], "EpisodeOfCare": [("patient", "nancy")]}.get(
            type, []
        )
    return [("team", WHO[who].context.care_team)] if type == "EpisodeOfCare" and who != "the system" else []


class AnyR4(EHealthRules):
    """FUT's types and parameters, on all that R4 allows: codes of anybody, times as vague as a year."""

    def check(self, resource, previous, session, walk):
        """Take it."""


@pytest.fixture
def citizens(clinic):
    """Nancy has a second course of care, which her first team is not on."""
    clinic.create(episode_of_care("nancy", "syd"), id="nancys-other")
    return replace(clinic, server=replace(clinic.server, rules=AnyR4()))


many = settings(
    max_examples=70, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def questions(of):
    return st.tuples(st.just(of), st.lists(ASKED[of], min_size=1, max_size=2))


@many
@given(
    rows=st.lists(observations(), min_size=2, max_size=7),
    queries=st.lists(st.sampled_from(sorted(ASKED)).flatmap(questions), min_size=25, max_size=25),
    who=st.sampled_from(sorted(WHO)),
    count=st.integers(1, 4),
    order=st.sampled_from(["_lastUpdated", "-_lastUpdated", "date", "-code", "status,-date", "value-quantity,_id"]),
    leads=st.sampled_from([run.LEADS, (1, 2)]),
)
def test_whatever_is_asked_is_answered_as_a_list_looked_through_by_hand_would(
    citizens, rows, queries, who, count, order, leads
):
    # Of how few rows a search begins with decides how it goes about it, and nothing else.
    with patch.object(run, "LEADS", leads), undone(), citizens.as_() as system:
        for number, row in enumerate(rows):
            system.create(row, id=f"o{number}")
        stored = {type: everything(citizens, type) for type in ASKED}
        seen = Oracle(tuple(row for type in ASKED for row in stored[type] if seen_by(who, row)))
        with citizens.as_(WHO[who]) as session:
            for type, asked in queries:
                pairs = [*must_carry(who, type), *asked]
                answer, expected = session.search(type, pairs), sorted(row["id"] for row in seen.search(type, pairs))
                assert (sorted(ids(answer)), answer["total"]) == (expected, len(expected)), (type, pairs)
        mine = must_carry(who, "Observation")
        expected = sorted(row["id"] for row in seen.search("Observation", []))
        assert citizens.search("Observation", *mine, ("_summary", "count"), by=WHO[who])["total"] == len(expected)
        pages = list(paged(citizens, "Observation", mine, WHO[who], order, count))
        assert sorted(id for page in pages for id in page) == expected
        assert all(len(page) == count for page, _ in pairwise(pages))
        along = citizens.search("Patient", ("_revinclude", "Observation:subject"), by=WHO[who])
        assert sorted(ids(along, "include")) == expected


def everything(store, type):
    return [each["resource"] for each in store.search(type, ("_count", "1000")).get("entry", ())]


def paged(store, type, pairs, by, order, count):
    """Read page after page, as a client follows the links."""
    query = [*pairs, ("_sort", order), ("_count", str(count))]
    while True:
        answer = store.search(type, *query, by=by)
        yield ids(answer)
        cursor = (link(answer, "next") or "").partition("_page=")[2]
        if not cursor:
            return
        query = [*pairs, ("_sort", order), ("_count", str(count)), ("_page", cursor)]
