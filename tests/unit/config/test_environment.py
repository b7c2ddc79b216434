"""What is set from outside is read strictly: a misspelt name or value stops the start and names the variable."""

import json
from pathlib import Path

import pytest

from kommunalpro.config.environment import (
    DEMO_CLIENTS,
    VARIABLES,
    ConfigurationError,
    choose_settings,
    read_environment,
)
from kommunalpro.fhir import ehealth
from kommunalpro.fut.services import SERVICE_NAMES

PRODUCTION = {
    "KOMMUNALPRO_DEMO": "False",
    "KOMMUNALPRO_DATABASE_URL": "postgresql://kommunalpro@db.example.dk:5432/kommunalpro",
    "KOMMUNALPRO_FHIR_BASE_URL": "https://pro.example.dk/fhir",
    "KOMMUNALPRO_KEYS": "/etc/kommunalpro/keys",
    "KOMMUNALPRO_ALLOWED_HOSTS": "pro.example.dk",
}


@pytest.fixture
def secret_file(tmp_path: Path) -> str:
    path = tmp_path / "secret"
    path.write_text("q8Z-4nT_kWm1xV7rB2pL9dJ6sH3gF5aC0yU-eRtYiOpQwErTzU")
    return str(path)


def problems(variables: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as wrong:
        read_environment(variables)
    return wrong.value.problems


def test_without_variables_it_is_the_demo_on_this_machine():
    environment = read_environment({"HOME": "/root"})
    assert environment.demo
    assert environment.fhir_base_url == "http://127.0.0.1:8000/fhir"
    assert environment.allowed_hosts == ("127.0.0.1", "localhost")
    assert environment.database["ENGINE"] == "kommunalpro.config.sqlite"


def test_whose_national_content_may_be_is_said_by_numbers_or_it_is_nobodys(secret_file):
    production = {**PRODUCTION, "KOMMUNALPRO_SECRET_KEY_FILE": secret_file}
    assert read_environment(production).national_owners == frozenset()
    assert read_environment({}).national_owners == {(ehealth.CVR, "29999991")}
    said = "cvr:29190925, sor:634491000016008,sts:6A0C3D2E-0000-4000-8000-000000000001"
    assert read_environment({**production, "KOMMUNALPRO_NATIONAL_OWNERS": said}).national_owners == {
        (ehealth.CVR, "29190925"),
        (ehealth.SOR, "634491000016008"),
        (ehealth.STS_ORG, "6a0c3d2e-0000-4000-8000-000000000001"),
    }


def test_whose_is_not_known_is_named():
    (problem,) = problems({"KOMMUNALPRO_NATIONAL_OWNERS": "cvr:29190925,region:82"})
    assert problem.startswith("KOMMUNALPRO_NATIONAL_OWNERS: 'region:82' is no organisation;")


def test_a_misspelt_name_stops_the_start_and_is_helped():
    assert problems({"KOMMUNALPRO_DATABSE_URL": "sqlite:///x"}) == (
        "KOMMUNALPRO_DATABSE_URL: there is no such variable; did you mean KOMMUNALPRO_DATABASE_URL?",
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEMO", "true"),
        ("DEMO", "1"),
        ("DEMO", ""),
        ("DATABASE_URL", "mysql://root@localhost/x"),
        ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "postgresql://host:notaport/db"),
        ("DATABASE_URL", "postgresql://host:5432"),
        ("DATABASE_URL", "postgresql://host/db?sslmod=require"),
        ("FHIR_BASE_URL", "https://pro.example.dk/fhir/"),
        ("FHIR_BASE_URL", "pro.example.dk/fhir"),
        ("FHIR_BASE_URL", "https://pro.example.dk/fhir?x=1"),
        ("FHIR_BASE_URL", "https://user@pro.example.dk/fhir"),
        ("FHIR_BASE_URL", "https://pro.example.dk:99999/fhir"),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", "a.dk,,b.dk"),
        ("REQUEST_LIMIT", "2 MB"),
        ("REQUEST_LIMIT", "10"),
        ("REQUEST_LIMIT", "-5000"),
        ("EXPORT_HOURS", "0"),
        ("EXPORT_HOURS", "a day"),
        ("REMINDER_DAYS", "-1"),
        ("REMINDER_HOUR", "24"),
        ("LOG_LEVEL", "verbose"),
        ("TOKEN_AUDIENCE", " "),
        ("NATIONAL_OWNERS", ""),
        ("NATIONAL_OWNERS", "29190925"),
        ("NATIONAL_OWNERS", "cvr:2919092"),
        ("NATIONAL_OWNERS", "sor:634491000016009"),
        ("NATIONAL_OWNERS", "sts:7"),
        ("NATIONAL_OWNERS", "cvr:29190925,region:82"),
        ("TOKEN_ISSUERS", ","),
        ("TOKEN_ISSUERS", "idp.example.dk"),
        ("TOKEN_ISSUERS", "http://idp.example.dk/auth"),
        ("TOKEN_ISSUERS", "https://idp.example.dk/auth?realm=a"),
        ("TOKEN_ISSUERS", "https://somebody@idp.example.dk"),
        ("TOKEN_ISSUERS", "https://idp.example.dk,https://idp.example.dk"),
        ("TOKEN_ISSUERS", "https://idp.example.dk:99999"),
        ("TOKEN_ISSUERS", "http://127.0.0.1:8000/auth/realms/ehealth"),
        ("OPENID_CLIENTS", "/nowhere/clients.json"),
        ("BUNDLES", "fut"),
        ("STRICT", "yes"),
        ("SERVICES", "/nowhere/services.json"),
        ("SIGN_IN", "/nowhere/sign-in.json"),
        ("SERVICE_SECONDS", "0"),
        ("ISSUER_SECONDS", "0"),
        ("ISSUER_PAUSE_SECONDS", "soon"),
    ],
)
def test_a_malformed_value_stops_the_start_and_names_the_variable(name, value):
    (problem,) = problems({f"KOMMUNALPRO_{name}": value})
    assert problem.startswith(f"KOMMUNALPRO_{name}: ")


def test_identity_providers_are_named_as_they_name_themselves():
    given = "https://idp.example.dk/auth/realms/ehealth, https://login.example.dk/,http://127.0.0.1:9000"
    assert read_environment({"KOMMUNALPRO_TOKEN_ISSUERS": given}).token_issuers == (
        "https://idp.example.dk/auth/realms/ehealth",
        "https://login.example.dk/",
        "http://127.0.0.1:9000",
    )


def test_no_identity_provider_may_be_named_as_the_default_is_written():
    assert read_environment({"KOMMUNALPRO_TOKEN_ISSUERS": ""}).token_issuers == ()


SERVICES = {name: f"https://{name}.example.dk/fhir" for name in SERVICE_NAMES}
KNOWN = {"issuer": "https://idp.example.dk", "client_id": "ours", "scopes": ["openid"]}


def written(path, content):
    path.write_text(json.dumps(content))
    return str(path)


@pytest.mark.parametrize(
    ("services", "why"),
    [
        ({**SERVICES, "careplans": "https://x.example.dk/fhir"}, "there is no service careplans"),
        ({name: url for name, url in SERVICES.items() if name != "task"}, "task is missing"),
        ({**SERVICES, "plan": "http://plan.example.dk/fhir"}, "plan must be an https address"),
        ({**SERVICES, "plan": "https://plan.example.dk/fhir/"}, "plan must be an https address"),
        ({**SERVICES, "plan": 7}, "plan must be an https address"),
        ([], "the file must hold"),
    ],
)
def test_each_service_has_its_address_and_what_is_wrong_is_named(tmp_path, services, why):
    sign_in = written(tmp_path / "b", {"staff": KNOWN, "citizens": KNOWN})
    given = {"KOMMUNALPRO_SERVICES": written(tmp_path / "a", services), "KOMMUNALPRO_SIGN_IN": sign_in}
    assert any(each.startswith("KOMMUNALPRO_SERVICES: ") and why in each for each in problems(given))


def test_the_national_infrastructure_is_reached_by_services_and_sign_in_together(tmp_path):
    services = {"KOMMUNALPRO_SERVICES": written(tmp_path / "a", SERVICES)}
    sign_in = {"KOMMUNALPRO_SIGN_IN": written(tmp_path / "b", {"staff": KNOWN, "citizens": KNOWN})}
    environment = read_environment(services | sign_in)
    assert environment.services == SERVICES
    assert environment.sign_in.keys() == {"PRACTITIONER", "PATIENT"}
    assert problems(services) == ("KOMMUNALPRO_SIGN_IN: is missing, KOMMUNALPRO_SERVICES needs it.",)
    assert problems(sign_in) == ("KOMMUNALPRO_SERVICES: is missing, KOMMUNALPRO_SIGN_IN needs it.",)


def test_a_strict_server_runs_no_batches():
    (problem,) = problems({"KOMMUNALPRO_STRICT": "True", "KOMMUNALPRO_BUNDLES": "batch"})
    assert problem.startswith("KOMMUNALPRO_BUNDLES: ")


def test_all_problems_are_told_at_once():
    told = problems({"KOMMUNALPRO_DEMO": "ja", "KOMMUNALPRO_PROT": "8000", "KOMMUNALPRO_LOG_LEVEL": "loud"})
    assert len(told) == 3


def test_a_malformed_database_url_is_told_without_its_password():
    assert "hemmelig" not in " ".join(problems({"KOMMUNALPRO_DATABASE_URL": "postgresql://a:hemmelig@host:x/db"}))


def test_production_names_everything_it_lacks():
    told = problems({"KOMMUNALPRO_DEMO": "False"})
    for name in ("DATABASE_URL", "FHIR_BASE_URL", "KEYS", "SECRET_KEY_FILE", "ALLOWED_HOSTS"):
        assert any(f"KOMMUNALPRO_{name}:" in each for each in told)


def test_production_reads_its_secret_from_a_file(secret_file):
    environment = read_environment(PRODUCTION | {"KOMMUNALPRO_SECRET_KEY_FILE": secret_file})
    assert not environment.demo
    assert environment.secret_key == Path(secret_file).read_text()


@pytest.mark.parametrize("secret", ["", "short", "a" * 80])
def test_production_refuses_a_weak_secret_without_telling_it(tmp_path, secret):
    path = tmp_path / "secret"
    path.write_text(secret)
    (problem,) = problems(PRODUCTION | {"KOMMUNALPRO_SECRET_KEY_FILE": str(path)})
    assert problem.startswith("KOMMUNALPRO_SECRET_KEY_FILE: ")
    assert not secret or secret not in problem


def test_a_secret_without_production_is_a_misunderstanding(secret_file):
    (problem,) = problems({"KOMMUNALPRO_SECRET_KEY_FILE": secret_file})
    assert "KOMMUNALPRO_DEMO=False" in problem


def test_production_has_no_clock_that_can_be_set(secret_file):
    given = PRODUCTION | {
        "KOMMUNALPRO_SECRET_KEY_FILE": secret_file,
        "KOMMUNALPRO_CLOCK_FILE": "/run/kommunalpro/clock",
    }
    assert problems(given) == ("KOMMUNALPRO_CLOCK_FILE: belongs to the demo and to tests.",)


def test_production_has_no_openid_provider_and_no_clients_of_it(secret_file):
    given = PRODUCTION | {"KOMMUNALPRO_SECRET_KEY_FILE": secret_file}
    assert read_environment(given).openid_clients == ()
    clients = {"KOMMUNALPRO_OPENID_CLIENTS": str(DEMO_CLIENTS)}
    assert problems(given | clients) == ("KOMMUNALPRO_OPENID_CLIENTS: belongs to the demo and to tests.",)
    assert len(read_environment(clients).openid_clients) == 2


@pytest.mark.parametrize(("demo", "module"), [(None, "demo"), ("True", "demo"), ("False", "production"), ("x", "demo")])
def test_production_is_chosen_by_name_only(demo, module):
    assert choose_settings({} if demo is None else {"KOMMUNALPRO_DEMO": demo}).endswith(f".{module}")


def test_every_variable_says_what_it_is_for():
    assert all(each.meaning.endswith(".") for each in VARIABLES)
