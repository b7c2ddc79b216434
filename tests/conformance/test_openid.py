"""The demo's OpenID provider over HTTP, as FUT's two reference clients use it: sign in, choose a context, sign out.

Source: `fut.md` 5.2, 7.1, 7.2; OpenID Connect Core and Discovery 1.0; RFC 6749, 7636, 9700.
"""

import secrets
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from authlib.oidc import rpinitiated
from authlib.oidc.discovery import OpenIDProviderMetadata

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import create_entry, resources, transaction
from kommunalpro.fhir.parameters import parameters
from kommunalpro.identity.demo import Person, save_demo_persons
from tests import resources as made
from tests.databases import default_database
from tests.people import ASTA, BO, EVA, NANCY, TJOERN
from tests.program import REALM, Program, Registered

CONTEXTS = f"{REALM}/resource/ehealth-connect/contexts"
on_one_engine = pytest.mark.parametrize("live", ["sqlite"], indirect=True)
"""What is refused before any database is asked is refused on all of them."""

URNS = [f"urn:uuid:6e2f0a35-0000-4000-8000-00000000000{number}" for number in range(3)]


@dataclass
class Municipality:
    """Two teams of an organisation: Asta and Eva are in Nord, Bo and Eva in Syd; nobody is in the closed one."""

    live: Any
    organization: str
    elsewhere: str
    nord: str
    syd: str
    nancy: str
    tjoern: str
    episode: str = ""

    def clinician(self):
        return Program(self.live.request, Registered.clinician())

    def citizen(self):
        return Program(self.live.request, Registered.citizen())

    @property
    def in_nord(self):
        return {"organization_id": self.organization, "care_team_id": self.nord}

    @property
    def in_syd(self):
        return {"organization_id": self.organization, "care_team_id": self.syd}


def done(answer, status=200):
    assert answer.status == status, answer.body
    return answer.json


@pytest.fixture(scope="module")
def kommune(live, system):
    """People and teams, as an import makes them; Nancy's course of care is opened by Asta with her own token."""

    def post(resource):
        stored = done(system("POST", f"/{resource['resourceType']}", resource), 201)
        return f"{live.base_url}/{resource['resourceType']}/{stored['id']}"

    organization, elsewhere = post(made.organization()), post(made.organization("Region Demo"))
    staff = {each.key: post(made.practitioner(given=each.key)) for each in (ASTA, BO, EVA)}

    def team(name, *members):
        made_of = made.care_team(name, *members) | {"managingOrganization": [{"reference": organization}]}
        for participant, member in zip(made_of["participant"], members, strict=True):
            participant["member"] = {"reference": staff[member.key]}
        return post(made_of)

    nord, syd = team("Nord", ASTA, EVA), team("Syd", BO, EVA)
    nancy, tjoern = (create_patient(system, each) for each in (NANCY, TJOERN))
    persons = [Person(each.key, each.name, "PRACTITIONER", staff[each.key]) for each in (ASTA, BO, EVA)]
    persons += [Person("nancy", NANCY.name, "PATIENT", nancy), Person("tjoern", TJOERN.name, "PATIENT", tjoern)]
    with default_database(live.environment["KOMMUNALPRO_DATABASE_URL"]):
        save_demo_persons(persons)
    kommune = Municipality(live, organization, elsewhere, nord, syd, nancy, tjoern)
    kommune.episode = open_episode(kommune, staff["asta"])
    return kommune


def create_patient(system, citizen):
    name = {"resourceType": "Patient", "name": [{"family": citizen.family, "given": citizen.given.split()}]}
    number = {"use": "official", "system": ehealth.CPR, "value": citizen.cpr}
    asked = parameters({"name": "crn", "valueIdentifier": number}, {"name": "patient", "resource": name})
    return f"{system.live.base_url}/Patient/{done(system('POST', '/Patient/$createPatient', asked))['id']}"


def open_episode(kommune, nurse):
    """As FUT's clinician client does: with the patient in the token."""
    token = kommune.clinician().sign_in("asta").within(**kommune.in_nord, patient_id=kommune.nancy)
    responsible, condition, care = {"reference": kommune.organization}, URNS[0], URNS[1]
    kol = {name: each for name, each in made.condition("x", "x").items() if name != "extension"}
    begun = made.episode_of_care("x", condition="x") | {
        "extension": [{"url": ehealth.CAREMANAGER_ORGANIZATION, "valueReference": responsible}],
        "managingOrganization": responsible,
        "team": [{"reference": kommune.nord}],
        "patient": {"reference": kommune.nancy},
        "diagnosis": [{"condition": {"reference": condition}}],
    }
    bundle = transaction(
        [
            create_entry(made.provenance(care, agent=[{"who": {"reference": nurse}}]), URNS[2]),
            create_entry(begun, care),
            create_entry(kol | {"subject": {"reference": kommune.nancy}}, condition),
        ]
    )
    asked = parameters({"name": "episodeOfCareAndProvenances", "resource": bundle})
    answer = done(kommune.live.request("POST", "/fhir/$create-episode-of-care", asked, token=token))
    [opened] = resources(answer, "EpisodeOfCare")
    return f"{kommune.live.base_url}/EpisodeOfCare/{opened['id']}"


def path_of(url):
    return "/fhir" + url.partition("/fhir")[2]


# --- Discovery


@on_one_engine
def test_discovery_says_what_clients_read_at_their_start(kommune):
    found = kommune.clinician().metadata
    assert found["issuer"] == f"{kommune.live.url}{REALM}"
    for name in ("authorization", "token", "userinfo", "end_session"):
        assert found[f"{name}_endpoint"].startswith(f"{found['issuer']}/")
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["response_types_supported"] == ["code"]
    OpenIDProviderMetadata(found).validate(metadata_classes=[rpinitiated.OpenIDProviderMetadata])


# --- Signing in


def test_a_nurse_signs_in_and_is_herself_in_no_context_yet(kommune):
    program = kommune.clinician()
    asta = program.sign_in("asta")
    told = asta.id_claims()
    assert told["nonce"] == program.nonce
    assert told["name"] == ASTA.name
    assert asta.tokens["token_type"] == "Bearer"
    assert asta.tokens["expires_in"] == 300
    claims = asta.claims()
    assert claims["exp"] - claims["iat"] == 300
    assert (claims["user_type"], claims["user_id"], claims["context"]) == ("PRACTITIONER", told["sub"], {})
    assert kommune.live.request("GET", "/fhir/Organization", token=asta.access_token).status == 200
    assert kommune.live.request("GET", path_of(kommune.episode), token=asta.access_token).status == 403


def test_a_citizen_signs_in_and_is_about_herself(kommune):
    nancy = kommune.citizen().sign_in("nancy")
    told = nancy.id_claims()
    assert told["user_id"] == kommune.nancy
    assert nancy.claims()["context"] == {"patient_id": kommune.nancy}
    assert done(kommune.live.request("GET", path_of(kommune.nancy), token=nancy.access_token))["id"]


def test_user_info_says_who_it_is_as_the_id_token_does(kommune):
    nancy = kommune.citizen().sign_in("nancy")
    answer = kommune.live.request("GET", nancy.program.path("userinfo_endpoint"), token=nancy.access_token)
    told = nancy.id_claims()
    assert {name: told[name] for name in answer.json} == done(answer)
    assert answer.json["user_id"] == kommune.nancy
    assert answer.headers["cache-control"] == "no-store"


@on_one_engine
def test_an_id_token_opens_nothing(kommune):
    nancy = kommune.citizen().sign_in("nancy")
    for path in ("/fhir/Organization", nancy.program.path("userinfo_endpoint"), CONTEXTS):
        answer = kommune.live.request("GET", path, token=nancy.tokens["id_token"])
        assert answer.status == 401
        assert "invalid_token" in answer.headers["www-authenticate"]


@on_one_engine
def test_the_page_offers_those_whom_the_program_is_for(kommune):
    for program, offered in ((kommune.clinician(), {"asta", "bo", "eva"}), (kommune.citizen(), {"nancy", "tjoern"})):
        page = program.browse("GET", program.asks()).body.decode()
        assert {key for key in ("asta", "bo", "eva", "nancy", "tjoern") if f'value="{key}"' in page} == offered
    assert program.choose(program.asks(), person="asta").status == 400


@on_one_engine
def test_who_is_logged_in_on_our_pages_is_somebody_else_there_and_stays_logged_in(kommune):
    program = kommune.clinician()
    assert program.choose("/log-ind/", person="nancy").status == 302
    page = program.browse("GET", program.asks()).body.decode()
    assert NANCY.name not in page
    assert "code" in program.returns(program.choose(program.asks(), person="asta"))
    program.browse("GET", program.path("end_session_endpoint"))
    assert NANCY.name in program.browse("GET", "/borger/").body.decode()


def test_who_will_not_sign_in_is_sent_back_with_that(kommune):
    program = kommune.citizen()
    assert program.returns(program.choose(program.asks(), cancel="1"))["error"] == "access_denied"


def test_without_a_page_only_who_was_chosen_before_gets_in(kommune):
    program = kommune.citizen()
    silent = program.asks(prompt="none")
    assert program.returns(program.browse("GET", silent))["error"] == "login_required"
    program.sign_in("nancy")
    assert program.redeem(program.returns(program.browse("GET", silent))["code"]).status == 200
    for prompt in ("login", "select_account"):
        assert program.browse("GET", program.asks(prompt=prompt)).status == 200
    assert program.returns(program.browse("GET", program.asks(prompt="none", max_age="0")))["error"] == "login_required"
    staff = replace(program, known_as=Registered.clinician())
    assert staff.returns(staff.browse("GET", staff.asks(prompt="none")))["error"] == "login_required"


@on_one_engine
@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "nobody"},
        {"client_id": None},
        {"redirect_uri": "https://evil.example.dk/"},
        {"redirect_uri": "http://127.0.0.1:8090/login/oauth2/code/citizen/"},
        {"redirect_uri": 'http://127.0.0.1:8090/"'},
        {"redirect_uri": None},
        {"client_id": "nobody", "response_type": "token"},
    ],
)
def test_nobody_is_sent_where_it_was_not_agreed(kommune, changes):
    program = kommune.citizen()
    answer = program.browse("GET", program.asks(**changes))
    assert answer.status == 400
    assert "location" not in answer.headers
    assert "evil" not in answer.body.decode().partition("<main")[2].partition("</main")[0]


@on_one_engine
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"nonce": "x" * 500}, "invalid_request"),
        ({"nonce": "\0"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
    ],
)
def test_a_program_is_told_what_it_asked_wrong(kommune, changes, error):
    program = kommune.citizen()
    assert program.returns(program.browse("GET", program.asks(**changes)))["error"] == error


# --- Codes and refresh tokens


def test_a_code_is_good_for_its_program_its_address_and_its_verifier(kommune):
    program = kommune.citizen()
    code = program.returns(program.choose(program.asks(), person="nancy"))["code"]
    for changes in (
        {"redirect_uri": "http://localhost:8090/login/oauth2/code/citizen"},
        {"code_verifier": secrets.token_urlsafe(48)},
        {"code_verifier": None},
        {"known_as": Registered.clinician()},
        {"code": "another"},
    ):
        assert program.redeem(**{"code": code} | changes).json["error"] in ("invalid_grant", "invalid_request")
    assert program.redeem(code).status == 200


def test_a_code_that_comes_twice_ends_what_it_began(kommune):
    program = kommune.citizen()
    code = program.returns(program.choose(program.asks(), person="nancy"))["code"]
    first = done(program.redeem(code))
    assert program.redeem(code).json["error"] == "invalid_grant"
    after = program.tokens(grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert (after.status, after.json["error"]) == (400, "invalid_grant")


def test_a_refresh_token_is_used_once_and_an_old_one_ends_them_all(kommune):
    nancy = kommune.citizen().sign_in("nancy")
    old = nancy.tokens["refresh_token"]
    assert nancy.refresh().status == 200
    assert nancy.tokens["refresh_token"] != old
    assert nancy.refresh().status == 200
    assert nancy.refresh(old).json["error"] == "invalid_grant"
    assert nancy.refresh().json["error"] == "invalid_grant"


@pytest.mark.parametrize("token", ["x", "x.y", "", "6e2f0a35-0000-4000-8000-000000000000.x", "æ.\0"])
def test_what_is_no_refresh_token_is_refused(kommune, token):
    answer = kommune.citizen().tokens(grant_type="refresh_token", refresh_token=token)
    assert (answer.status, answer.json["error"]) == (400, "invalid_grant")


def test_a_program_must_be_who_it_says(kommune):
    program = kommune.clinician()
    asta = program.sign_in("asta")
    for pretender in (
        replace(program.known_as, secret="guessed"),
        replace(program.known_as, secret=None),
        replace(program.known_as, client_id="nobody"),
    ):
        answer = program.tokens(
            known_as=pretender, grant_type="refresh_token", refresh_token=asta.tokens["refresh_token"]
        )
        assert answer.json["error"] == "invalid_client"
    assert asta.refresh().status == 200


@on_one_engine
@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Authorization": "Basic /w=="}, b"grant_type=refresh_token"),
        ({}, b"grant_type=password&username=asta&password=asta"),
        ({}, b"grant_type=client_credentials"),
        ({}, b"grant_type=refresh_token&grant_type=refresh_token"),
        ({}, b""),
        ({}, b"\xff\xfe"),
    ],
)
def test_rubbish_and_other_grants_are_refused_in_the_protocol_s_words(kommune, headers, body):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = kommune.live.request("POST", kommune.citizen().path("token_endpoint"), body, headers=form | headers)
    assert answer.status in (400, 401)
    assert answer.json["error"] in ("invalid_request", "unsupported_grant_type", "invalid_client")


# --- Contexts


def test_a_nurse_reads_what_there_is_to_choose_from(kommune):
    eva = kommune.clinician().sign_in("eva")
    found = done(kommune.live.request("GET", CONTEXTS, token=eva.access_token))
    assert {team["id"] for team in found["care_teams"]} == {kommune.nord, kommune.syd}
    [nord, _] = found["care_teams"]
    assert nord["name"] == "Nord"
    assert nord["programs"] == ["kpro"]
    assert nord["affiliation"]["id"] == kommune.organization
    assert set(nord["roles"]) == set(EVA.roles)
    assert [each["id"] for each in found["organizations"]] == [kommune.organization]
    assert found["warning_details"] == []


def test_a_citizen_has_no_team_to_choose(kommune):
    nancy = kommune.citizen().sign_in("nancy")
    found = done(kommune.live.request("GET", CONTEXTS, token=nancy.access_token))
    assert found == {"care_teams": [], "organizations": [], "warning_details": []}


def test_each_refresh_names_the_context_of_its_token(kommune):
    asta = kommune.clinician().sign_in("asta")
    whole = {**kommune.in_nord, "patient_id": kommune.nancy, "episode_of_care_id": kommune.episode}
    for context in (
        {"organization_id": kommune.organization},
        {"care_team_id": kommune.nord},
        kommune.in_nord,
        {**kommune.in_nord, "patient_id": kommune.nancy},
        {**kommune.in_nord, "episode_of_care_id": kommune.episode},
        whole,
        {},
    ):
        asta.within(**context)
        given = asta.claims()["context"]
        assert {name: given[name] for name in context} == context
        assert set(given) - set(context) <= {"organization_id"}  # the team's
    token = asta.within(**whole)
    assert kommune.live.request("GET", path_of(kommune.episode), token=token).status == 200
    assert "CarePlan.read" in asta.claims()["realm_access"]["roles"]


def test_a_nurse_may_choose_somebody_who_has_no_course_of_care_yet_to_open_one(kommune):
    asta = kommune.clinician().sign_in("asta")
    asta.within(**kommune.in_nord, patient_id=kommune.tjoern)
    assert asta.claims()["context"]["patient_id"] == kommune.tjoern


def test_a_citizen_chooses_her_own_course_of_care(kommune):
    nancy = kommune.citizen().sign_in("nancy")
    token = nancy.within(patient_id=kommune.nancy, episode_of_care_id=kommune.episode)
    assert done(kommune.live.request("GET", path_of(kommune.episode), token=token))["id"]


def refused_contexts(kommune):
    base = kommune.live.base_url
    return {
        "a team she is not in": ("asta", kommune.in_syd),
        "an organisation that is not the team's": ("asta", {**kommune.in_nord, "organization_id": kommune.elsewhere}),
        "an organisation she works nowhere in": ("asta", {"organization_id": kommune.elsewhere}),
        "a course of care without a team": ("asta", {"episode_of_care_id": kommune.episode}),
        "a patient without a team": ("asta", {"patient_id": kommune.nancy}),
        "another team's course of care": ("bo", {**kommune.in_syd, "episode_of_care_id": kommune.episode}),
        "another patient's course of care": (
            "asta",
            {**kommune.in_nord, "patient_id": kommune.tjoern, "episode_of_care_id": kommune.episode},
        ),
        "a course of care that is not there": (
            "asta",
            {**kommune.in_nord, "episode_of_care_id": f"{base}/EpisodeOfCare/x"},
        ),
        "a patient who is not there": ("asta", {**kommune.in_nord, "patient_id": f"{base}/Patient/x"}),
        "a name and no address": ("asta", {**kommune.in_nord, "patient_id": NANCY.key}),
        "somewhere else": ("asta", {**kommune.in_nord, "patient_id": "https://x.dk/fhir/Patient/1"}),
        "another type": ("asta", {**kommune.in_nord, "patient_id": kommune.episode}),
        "a citizen in a team": ("nancy", kommune.in_nord),
        "another citizen": ("nancy", {"patient_id": kommune.tjoern}),
        "another citizen's course of care": ("tjoern", {"episode_of_care_id": kommune.episode}),
    }


def test_a_context_that_one_may_not_have_is_403_and_costs_nothing(kommune):
    sessions = {
        key: program.sign_in(key)
        for program, keys in ((kommune.clinician, ("asta", "bo")), (kommune.citizen, ("nancy", "tjoern")))
        for program in (program(),)
        for key in keys
    }
    for why, (person, context) in refused_contexts(kommune).items():
        answer = sessions[person].refresh(**context)
        assert (answer.status, answer.json["error"]) == (403, "invalid_grant"), why
        assert "access_token" not in answer.json, why
        assert answer.json["error_description"], why
    for session in sessions.values():
        assert session.refresh().status == 200


def test_who_has_left_a_team_gets_no_more_tokens_of_it(kommune, system):
    bo = kommune.clinician().sign_in("bo")
    managed = {"managingOrganization": [{"reference": kommune.organization}]}
    team = made.care_team("Øst", BO, ASTA) | managed
    for participant, session in zip(team["participant"], (bo, kommune.clinician().sign_in("asta")), strict=True):
        participant["member"] = {"reference": session.claims()["user_id"]}
    stored = done(system("POST", "/CareTeam", team), 201)
    bo.within(care_team_id=f"{kommune.live.base_url}/CareTeam/{stored['id']}")
    done(system("PUT", f"/CareTeam/{stored['id']}", stored | {"participant": stored["participant"][1:]}))
    assert bo.refresh(care_team_id=f"{kommune.live.base_url}/CareTeam/{stored['id']}").status == 403


# --- Signing out


def test_signing_out_at_the_program_ends_the_sign_in_and_leads_back_home(kommune):
    program = kommune.citizen()
    nancy = program.sign_in("nancy")
    asked = {"id_token_hint": nancy.tokens["id_token"], "post_logout_redirect_uri": program.known_as.home}
    answer = program.browse("GET", f"{program.path('end_session_endpoint')}?{urlencode(asked | {'state': 'z'})}")
    assert (answer.status, answer.headers["location"]) == (302, f"{program.known_as.home}?state=z")
    assert nancy.refresh().json["error"] == "invalid_grant"
    assert program.returns(program.browse("GET", program.asks(prompt="none")))["error"] == "login_required"


@on_one_engine
def test_nobody_is_led_elsewhere_by_signing_out(kommune):
    program = kommune.citizen()
    nancy = program.sign_in("nancy")
    forged = jwt.encode({"aud": "citizen-client", "sid": "x"}, "secret" * 8, algorithm="HS256")
    for asked, status in (
        ({"id_token_hint": nancy.tokens["id_token"], "post_logout_redirect_uri": "https://evil.example.dk/"}, 200),
        ({"client_id": "citizen-client", "post_logout_redirect_uri": program.known_as.home}, 200),
        ({"id_token_hint": forged, "post_logout_redirect_uri": program.known_as.home}, 400),
        ({"id_token_hint": nancy.access_token}, 400),
        ({}, 200),
    ):
        answer = program.browse("GET", f"{program.path('end_session_endpoint')}?{urlencode(asked)}")
        assert (answer.status, "location" in answer.headers) == (status, False)


# --- What is kept


def test_neither_codes_nor_tokens_are_in_the_log(kommune):
    program = kommune.citizen()
    code = program.returns(program.choose(program.asks(), person="nancy"))["code"]
    tokens = done(program.redeem(code))
    said = (kommune.live.directory / "server.log").read_text(encoding="utf-8")
    for secret in (code, tokens["refresh_token"].partition(".")[2], tokens["access_token"][-40:]):
        assert secret not in said
