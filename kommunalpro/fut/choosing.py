"""Choosing a context: what an identity provider puts into a token when a user asks for it, and what there is to choose.

A practitioner chooses a care team that they are in, then a patient, then a course of care that the team gives access
to; a citizen is always about themselves. The course is asked of `EpisodeOfCare/$is-context-allowed`, as FUT's own
provider does. What the tokens then open is decided anew in each request, by the same memberships.

Source: `fut.md` 5.2 rule 3, 7.2.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Forbidden, Gone, NotFound, RuleBroken
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fhir.reference import Reference
from kommunalpro.fut.contexts import SYSTEM, TeamChoice, as_citizen, as_practitioner, care_teams_of
from kommunalpro.fut.errors import forbidden
from kommunalpro.fut.gateway.protocol import Context, Gateway, Principal
from kommunalpro.fut.token_context import ENROLS
from kommunalpro.fut.treatment_area import TAG
from kommunalpro.identity.claims import renamed
from kommunalpro.identity.demo import Person


@dataclass(frozen=True, slots=True)
class Choosing:
    """Who may be whom, for an identity provider (implements `identity.provider.Contexts`)."""

    gateway: Gateway
    here: Callable[[str], str] = str
    """Gives our name of a URL that a program of FUT's may call otherwise."""
    there: Callable[[str], str] = str
    """Gives what a program of FUT's reads it called in resources: so the tokens call it, and the choices."""

    def choose(self, person: Person, wanted: Context, now: datetime) -> Principal:
        """Give a person in the context that they ask for.

        Raises:
            Forbidden: it is not theirs to choose, or is not there: which of the two is not told.
        """
        named = Context(**{part: self.here(url) for part, url in asdict(wanted).items() if url is not None})
        return renamed(self._chosen(person, named, now), self.there)

    def _chosen(self, person: Person, wanted: Context, now: datetime) -> Principal:
        if person.user_type == "PATIENT":
            return self._citizen(person, wanted, now)
        principal = self._in_team(person, wanted, now)
        if wanted.patient is None and wanted.episode_of_care is None:
            return principal
        if principal.context.care_team is None:
            raise _not_theirs("a practitioner chooses a care team before a patient or an episode of care")
        if wanted.episode_of_care is not None:
            self._check_episode(wanted, "careTeam", principal.context.care_team, now)
        elif wanted.patient is not None:
            self._check_patient(principal, wanted.patient, now)
        return principal.within(patient=wanted.patient, episode_of_care=wanted.episode_of_care)

    def to_choose_from(self, principal: Principal, now: datetime) -> Json:
        """Give the teams and organisations that a user may choose, as FUT's clinician client reads them."""
        user, is_staff = self.here(principal.user), principal.user_type == "PRACTITIONER"
        teams = care_teams_of(self.gateway, user, now=now) if is_staff else ()
        names = {self.there(team.organization): team.organization_name for team in teams if team.organization}
        return {
            "care_teams": [
                {
                    "id": self.there(team.care_team),
                    "name": team.name,
                    "roles": list(team.roles),
                    "programs": [TAG],
                    "affiliation": {
                        "id": self.there(team.organization) if team.organization else None,
                        "name": team.organization_name,
                        "roles": [],
                    },
                }
                for team in teams
            ],
            "organizations": [{"id": url, "name": name, "roles": []} for url, name in names.items()],
            "warning_details": [],
        }

    def _citizen(self, person: Person, wanted: Context, now: datetime) -> Principal:
        if wanted.organization or wanted.care_team or wanted.patient not in (None, person.user_url):
            raise _not_theirs("a citizen is in no care team, and about themselves")
        principal = as_citizen(person.user_url, person.name)
        if wanted.episode_of_care is not None:
            self._check_episode(wanted, "patient", person.user_url, now)
        return principal.within(episode_of_care=wanted.episode_of_care)

    def _in_team(self, person: Person, wanted: Context, now: datetime) -> Principal:
        teams = care_teams_of(self.gateway, person.user_url, now=now) if wanted.care_team or wanted.organization else ()
        if wanted.care_team is None:
            if wanted.organization not in (None, *(team.organization for team in teams)):
                raise _not_theirs("the user works in no care team of that organization")
            return as_practitioner(person.user_url, person.name, None).within(organization=wanted.organization)
        return as_practitioner(person.user_url, person.name, _team(teams, wanted))

    def _check_episode(self, wanted: Context, name: str, chooser: str, now: datetime) -> None:
        """Ask whether the episode may be chosen by this team or patient, and whether it is about who is chosen too."""
        episode = _own(self.gateway, "EpisodeOfCare", str(wanted.episode_of_care))
        asked = parameters({"name": name, "valueReference": {"reference": chooser}})
        try:
            self.gateway.operation("$is-context-allowed", asked, target=episode, by=SYSTEM, now=now)
        except RuleBroken as wrong:
            raise Forbidden(issues=wrong.issues) from None
        if wanted.patient is None:
            return
        if self.gateway.read(episode, by=SYSTEM, now=now)["patient"]["reference"] != wanted.patient:
            raise _not_theirs("the episode of care is another patient's")

    def _check_patient(self, principal: Principal, url: str, now: datetime) -> None:
        """Who may enrol may choose whoever is there, to open their course of care; others whom their team follows."""
        patient = _own(self.gateway, "Patient", url)
        by = SYSTEM if ENROLS in principal.privileges else principal.within(patient=patient)
        try:
            self.gateway.read(patient, by=by, now=now)
        except (NotFound, Gone, Forbidden):
            raise _not_theirs("there is no such patient, or the care team does not follow them") from None


def _team(teams: tuple[TeamChoice, ...], wanted: Context) -> TeamChoice:
    for team in teams:
        if team.care_team == wanted.care_team and wanted.organization in (None, team.organization):
            return team
    raise _not_theirs("the user is not in that care team, or it belongs to another organization")


def _own(gateway: Gateway, type: str, url: str) -> str:
    """Give a URL as it stands in a context: absolute, of this installation, without a version."""
    reference = Reference.parse(url)
    if reference is None or reference.type != type or url != f"{gateway.base_url}/{reference.key}":
        raise _not_theirs(f"that is no {type} of this installation")
    return url


def _not_theirs(why: str) -> Forbidden:
    return forbidden("SECURITY_TOKEN_CONTEXT_NOT_ALLOWED", why)
