"""The cast: the same few people in every test, so that a test of who may do what reads as a sentence.

Nancy, Tjørn   citizens; well-known test persons whose CPR numbers fail modulus 11
Asta           nurse in the citizens' own team
Bo             nurse of the same municipality, in another team
Kim            nurse of another organisation
Lis            prepares questionnaires and plans (KAM)
"""

from dataclasses import dataclass

from kommunalpro.fhirserver.principal import Context, Principal
from kommunalpro.fut.privileges import privileges_of


@dataclass(frozen=True, slots=True)
class Citizen:
    """A citizen. `key` is the name to log in by in the demo."""

    key: str
    given: str
    family: str
    cpr: str

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"

    def at(self, base: str, *, id: str | None = None) -> Principal:
        """Give them as who acts, on the server at `base`; `id` is their Patient's (else their key)."""
        patient = f"{base}/Patient/{id or self.key}"
        return Principal(patient, "PATIENT", self.name, privileges_of(["citizen"]), Context(patient=patient))


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who works in a care team, with FUT's roles there."""

    key: str
    name: str
    team: str
    organization: str
    roles: tuple[str, ...]

    def at(self, base: str, *, id: str | None = None, team: str | None = None) -> Principal:
        """Give them as who acts, in their team, on the server at `base`."""
        context = Context(
            organization=f"{base}/Organization/{self.organization}", care_team=f"{base}/CareTeam/{team or self.team}"
        )
        user = f"{base}/Practitioner/{id or self.key}"
        return Principal(user, "PRACTITIONER", self.name, privileges_of(self.roles), context)


_NURSE = ("citizenEnroller", "clinicalViewer", "monitoringAssistor", "monitoring_adjuster")

NANCY = Citizen("nancy", "Nancy Ann", "Berggren", "2512489996")
TJOERN = Citizen("tjoern", "Tjørn Egon", "Simonsen", "2910534703")

ASTA = Staff("asta", "Asta Holm", "nord", "kommune", _NURSE)
BO = Staff("bo", "Bo", "syd", "kommune", _NURSE)
KIM = Staff("kim", "Kim", "hjerte", "region", _NURSE)
EVA = Staff("eva", "Eva Demo", "nord", "kommune", _NURSE)
LIS = Staff("lis", "Lis", "nord", "kommune", ("clinicalAdministrator", "questionnaireEditor", "careteamAdministrator"))

OUTSIDERS = (BO, KIM)
"""Whoever must see nothing of the citizens of Asta's team."""
