"""Who edits definitions, and the steps that these take."""

from kommunalpro.fhirserver.principal import Context, Principal
from kommunalpro.fut.privileges import privileges_of
from tests.store.cast import BASE

EDITOR = privileges_of(("questionnaireEditor", "clinicalAdministrator"))


def editor(organization="kommune"):
    context = Context(organization=f"{BASE}/Organization/{organization}", care_team=f"{BASE}/CareTeam/nord")
    return Principal(f"{BASE}/Practitioner/lis", "PRACTITIONER", "Lis", EDITOR, context)


def codes(refused):
    return [each.coding[1] for each in refused.value.issues]


def becomes(store, draft, status, **changes):
    return store.update(draft | {"status": status, **changes}, by=editor())
