"""`PlanDefinition/$export`: a plan with all that it takes, as a package that `$import` takes elsewhere.

Supported: POST and GET; `exclude`, to plans and activities in it, which stay out with all that only they refer to. The
answer is a Binary with a zip in base64: each resource as it is stored, in a JSON file of its own. With the plan come
its sub-plans, activities, questionnaires, libraries, information material (DocumentReference) and every organisation
that is named; with a questionnaire its QFDD, and, which is ours, the Views and ActionGuidance in use (Basic) that are
national or belong to the organisation of who asks: whoever does not know them passes over those files.
Not supported: a version of a resource other than the current one; what is on another server; a package of more than
300 files, or of 10 MB of JSON (422). What an excluded activity was in the plan is not taken out of it: the package is
for where that activity is already.
Also takes: the read privilege of each type that is in it, and View.read or ActionGuidance.read.

Source: `fut.md` 4.5; OperationDefinition PlanDefinition-i-export.
"""

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.operations.arguments import references
from kommunalpro.fut.packages.archive import pack
from kommunalpro.fut.packages.contents import contents


def export_plan(session: Session, parameters: Json, target: str | None) -> Json:
    """Give the package of a plan, as the user may see what is in it."""
    return pack(contents(session, str(target), _excluded(session, str(target), parameters)))


def _excluded(session: Session, plan: str, parameters: Json) -> set[str]:
    """Give what is to stay out, by `Type/id`."""
    excluded = list(references(parameters, "exclude"))
    for each in excluded:
        is_part = each.type in ("ActivityDefinition", "PlanDefinition") and each.key != plan
        if not is_part or each.base not in (None, session.server.base_url):
            raise BadRequest(
                "Det er aktiviteter og delplaner herfra, der kan holdes ude.",
                diagnostics=f"exclude: {each.key} is no activity or sub-plan of this plan",
            )
    return {each.key for each in excluded}
