"""Which View and which ActionGuidance hold for a questionnaire in an organisation: local over national.

The View active for the episode's caremanagerOrganization decides the light of record (ARCHITECTURE §5).
"""

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import versioned_url
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.content import active_views
from kommunalpro.fut.modifier_roles import is_owner
from kommunalpro.pro.view import View


def view_of_record(session: Session, questionnaire: str, episode: Json) -> tuple[View, str] | None:
    """Give the View that decides, and the URL of exactly its version; None means that no View is active.

    A local View counts only in the organisations that own it. Of several that hold, the newest decides.
    """
    responsible = extension_value(episode, ehealth.CAREMANAGER_ORGANIZATION)["reference"]
    found = list(active_views(session, questionnaire))
    local = [each for each in found if each[1].level == "local" and is_owner(each[0], responsible)]
    national = [each for each in found if each[1].level == "national"]
    for basic, view in (*local, *national):
        return view, versioned_url(session.server.base_url, basic)
    return None
