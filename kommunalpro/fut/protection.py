"""Name and address protection: who has it carries the security label R (restricted), as long as it lasts.

The label is the server's: whoever writes a Patient need not give it, and takes it away by no writing of their own. It
is given from when the protection is known, not from when it begins, for a name that has been read is not unread; it
goes with the first change after the protection has ended. The label is HL7's of R4; the guide names STU3's system.

Source: `fut.md` 1B (ehealth-patient); the guide's extension ehealth-nameandaddressprotection.
"""

from datetime import datetime
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import parse_interval
from kommunalpro.fhir.extension import extension, extension_value
from kommunalpro.fhir.json import Json


def with_security_label(patient: dict[str, Any], previous: Json | None, now: datetime) -> dict[str, Any]:
    """Give a Patient with the label that goes with its protection; what others have labelled so stays labelled."""
    if _has_protection(patient, now):
        return _labelled(patient, [*_others(patient), ehealth.RESTRICTED])
    was_protected = previous is not None and extension(previous, ehealth.NAME_AND_ADDRESS_PROTECTION) is not None
    return _labelled(patient, _others(patient)) if was_protected else patient


def _has_protection(patient: Json, now: datetime) -> bool:
    """Tell whether a Patient has protection that has not ended."""
    period = extension_value(patient, ehealth.NAME_AND_ADDRESS_PROTECTION)
    if not isinstance(period, dict):
        return False
    return "end" not in period or parse_interval(period["end"]).end > now


def _others(patient: Json) -> list[Json]:
    return [each for each in patient.get("meta", {}).get("security", ()) if each != ehealth.RESTRICTED]


def _labelled(patient: dict[str, Any], labels: list[Json]) -> dict[str, Any]:
    meta = {name: each for name, each in patient.get("meta", {}).items() if name != "security"}
    return {**patient, "meta": {**meta, "security": labels} if labels else meta}
