"""Which value set an operation is about: the one at the address, or the one that is named or sent."""

from kommunalpro.fhir.cpr_in_text import mask_cpr
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, NotFound
from kommunalpro.fhir.parameters import value
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.operations.arguments import element
from kommunalpro.fut.terminology import Terminology


def asked_value_set(session: Session, terms: Terminology, parameters: Json, target: str | None) -> Json:
    """Give it.

    Raises:
        NotFound: it is not here.
        BadRequest: none is told, or two.
    """
    type, _, id = (target or "").partition("/")
    if id:
        return session.read(type, id)
    url, sent, version = value(parameters, "url"), element(parameters, "valueSet"), value(parameters, "valueSetVersion")
    if (url is None) == (sent is None) or (version and url is None):
        raise BadRequest(
            "Angiv det værdisæt, det drejer sig om.",
            diagnostics="one of url (with valueSetVersion, if any) and valueSet",
        )
    if sent is not None:
        return sent
    canonical = f"{url}|{version}" if version else str(url)
    found = terms.find("ValueSet", canonical)
    if found is None:
        raise NotFound("Værdisættet findes ikke her.", diagnostics=f"No active ValueSet {mask_cpr(canonical)} is here")
    return found
