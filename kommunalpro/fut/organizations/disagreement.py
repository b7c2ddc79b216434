"""What two sources say differently of one organisation, kept on it for clinical administrators to see.

The extension is ours: FUT's synchronization status says that an organisation does not follow its source, and not in
what it differs.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value, extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import Reference

MANUAL = "manual"


class Disagreement(Struct, frozen=True, order=True):
    """`source` (manual, SOR, STS-ORG) says `value` of `field`, which is not what stands there.

    `field` is name, parent, active, type, address, cvr, region or municipality; a parent is a URL.
    """

    field: str
    source: str
    value: str

    def to_fhir(self) -> dict[str, Any]:
        """Give it as an extension of an Organization."""
        parts = [{"url": "field", "valueCode": self.field}, {"url": "source", "valueCode": self.source}]
        return {
            "url": ehealth.ORGANIZATION_DISAGREEMENT,
            "extension": [*parts, *([{"url": "value", "valueString": self.value}] if self.value else ())],
        }


def disagreements(organization: Json) -> tuple[Disagreement, ...]:
    """Give what is kept on an organisation."""
    found = extensions(organization, ehealth.ORGANIZATION_DISAGREEMENT)
    return tuple(
        Disagreement(
            str(extension_value(each, "field")),
            str(extension_value(each, "source")),
            extension_value(each, "value") or "",
        )
        for each in found
    )


def related_url(organization: Json) -> str | None:
    """Give the URL of the organisation in SOR that one from FK Organisation is as well; None: none is known."""
    for each in extensions(organization, ehealth.ORGANIZATION_RELATED_TO):
        target = extension_value(each, "target") or {}
        if reference := Reference.parse(target.get("reference", "")):
            return reference.url
    return None


def between_registers(one: Json, other: Json, parent: Json | None) -> Iterator[tuple[str, str, str]]:
    """Give (field, what the one says, what the other says) where two registers' views of a unit differ.

    `one` is from FK Organisation and `other` from SOR; `parent` is the unit above `one`, None when it is not known.
    They agree on the unit above when that of the one is, in SOR, that of the other. Where it is in SOR the very same
    unit, SOR has no view of it: nothing stands below itself.
    """
    for field, here, there in (
        ("name", one.get("name", ""), other.get("name", "")),
        ("active", *("true" if each.get("active") else "false" for each in (one, other))),
        ("cvr", *(extension_value(each, ehealth.ORGANIZATION_CVR_NUMBER) or "" for each in (one, other))),
    ):
        if here.strip() != there.strip() and (field == "name" or (here and there)):
            yield field, str(here), str(there)
    above = related_url(parent) if parent else None
    there = other.get("partOf", {}).get("reference", "")
    if above and above not in (there, related_url(one)):
        yield "parent", above, there


def still(kept: Iterable[Disagreement], says: Mapping[str, str]) -> tuple[Disagreement, ...]:
    """Give those that disagree with what stands there now."""
    return tuple(each for each in kept if each.value != says.get(each.field, ""))
