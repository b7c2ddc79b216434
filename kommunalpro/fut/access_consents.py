"""Access consents: that a professional may log a citizen in who has no MitID, who then knows of it.

They are Consents, and yet another thing than those to a course of care: privileges of their own decide who reads and
writes them (AccessConsent), they are the citizen's and no episode's, and whoever may see the one kind need not know of
the other.

Source: `fut.md` 1B (ehealth-access-consent, new in 8.0.0) and 5.1.
"""

from collections.abc import Mapping

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json
from kommunalpro.fhirserver.access import Filter, Indexed, Not
from kommunalpro.fut.claimed import claimed

CONSENT, ACCESS_CONSENT = "Consent", "AccessConsent"
"""The two kinds of Consent, by the names that their privileges begin with."""

INFORMATION_ACCESS = ("http://terminology.hl7.org/CodeSystem/v3-ActCode", "INFA")
"""Category of every access consent that is stored, and of no other Consent."""

_IS_ACCESS = Indexed("category", "|".join(INFORMATION_ACCESS))
ROWS: Mapping[str, Filter] = {CONSENT: Not(_IS_ACCESS), ACCESS_CONSENT: _IS_ACCESS}
"""Kind of Consent → its rows."""


def is_access_consent(consent: Json) -> bool:
    """Tell whether a Consent is an access consent, by its category or by its profile: one of them is enough."""
    codings = (coding for each in consent.get("category", ()) for coding in each.get("coding", ()))
    return ehealth.ACCESS_CONSENT_PROFILE in claimed(consent) or any(
        (each.get("system"), each.get("code")) == INFORMATION_ACCESS for each in codings
    )


def kind_of(consent: Json) -> str:
    """Give which of the two kinds a Consent is."""
    return ACCESS_CONSENT if is_access_consent(consent) else CONSENT
