from typing import Annotated

import typer
from django.conf import settings

from kommunalpro.config import wiring
from kommunalpro.config.failure import CommandFailed
from kommunalpro.fhir.outcome import Gone, NotFound
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.principal import Principal
from kommunalpro.fut.contexts import SYSTEM, TeamChoice, as_citizen, as_practitioner, care_teams_of
from kommunalpro.identity.demo import Person, demo_persons, find_demo_person
from kommunalpro.identity.keys import read_signing_key
from kommunalpro.identity.tokens import issue_token

As = Annotated[str, typer.Option("--as", help="The demo person: asta, nancy …")]
CareTeam = Annotated[str | None, typer.Option(help="URL, id or name of the care team; else the first.")]
Patient = Annotated[str | None, typer.Option(help="URL or id of the patient it is about.")]
Episode = Annotated[str | None, typer.Option(help="URL or id of the course of care it is in.")]


def token(as_: As, care_team: CareTeam = None, patient: Patient = None, episode: Episode = None) -> None:
    """Print a bearer token for a person of the demo (demo only)."""
    if not settings.DEMO:
        raise CommandFailed("Tokens are issued in the demo only.")
    wiring.check_base_url()
    person = find_demo_person(as_)
    if person is None:
        known = ", ".join(each.key for each in demo_persons())
        if not known:
            raise CommandFailed("There are no demo persons yet. Run: kommunalpro demo")
        raise typer.BadParameter(f"there is no demo person {as_!r}. There are: {known}", param_hint="--as")
    typer.echo(sign(principal_of(person, care_team=care_team, patient=patient, episode=episode)))


def sign(principal: Principal) -> str:
    """Issue a token of this installation."""
    return issue_token(
        principal,
        key=read_signing_key(settings.KEYS_DIRECTORY),
        issuer=settings.TOKEN_ISSUER,
        audience=settings.TOKEN_AUDIENCE,
        now=wiring.clock().now(),
    )


def principal_of(person: Person, *, care_team: str | None, patient: str | None, episode: str | None) -> Principal:
    """Give a demo person as a principal in the context that is asked for.

    Raises:
        BadParameter: they are in no such team, or a reference names nothing that is there.
    """
    episode_url = _url("EpisodeOfCare", "--episode", episode)
    if person.user_type == "PATIENT":
        if care_team or patient:
            hint = "--care-team" if care_team else "--patient"
            raise typer.BadParameter("a citizen is in no care team and is their own patient.", param_hint=hint)
        return as_citizen(person.user_url, person.name).within(episode_of_care=episode_url)
    acting = as_practitioner(person.user_url, person.name, _choose(person, care_team))
    return acting.within(patient=_url("Patient", "--patient", patient), episode_of_care=episode_url)


def _choose(person: Person, wanted: str | None) -> TeamChoice | None:
    teams = care_teams_of(wiring.gateway(), person.user_url, now=wiring.clock().now())
    if wanted is None:
        return teams[0] if teams else None
    for team in teams:
        if wanted in (team.care_team, team.care_team.rsplit("/", 1)[-1], team.name):
            return team
    known = ", ".join(team.name for team in teams) or "none"
    problem = f"{person.name} is not in the care team {wanted!r}. They are in: {known}"
    raise typer.BadParameter(problem, param_hint="--care-team")


def _url(type: str, option: str, given: str | None) -> str | None:
    if given is None:
        return None
    own = f"{settings.FHIR_BASE_URL}/{type}/{given.removeprefix(type + '/')}" if "://" not in given else given
    reference = Reference.parse(own)
    if reference is None or reference.type != type or reference.base != settings.FHIR_BASE_URL:
        raise typer.BadParameter(f"that is no {type} of this installation.", param_hint=option)
    try:
        wiring.gateway().read(reference.url, by=SYSTEM, now=wiring.clock().now())
    except (NotFound, Gone):
        raise typer.BadParameter(f"there is no such {type}.", param_hint=option) from None
    return reference.url
