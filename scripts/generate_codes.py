"""Make what stands in kommunalpro/fut/data from FUT's implementation guide; privileges.json is ours.

    python scripts/generate_codes.py ../shared/data/fut-ig

codes.json holds {system: [codes]} for systems of at most 350 codes; larger ones are terminology, not bindings.
terminology.json holds FUT's own CodeSystems and ValueSets as what the terminology service tells of them, one a line,
and FSIII of KL, which the guide has whole and picks conditions from. What is others' (SNOMED CT, NPU, HL7) is theirs to
tell, and the guide has parts of it only. Of FSIII codes and names are taken, with what stands below what; what KL has
written to explain them is not, for nobody tells under which licence that could be.
activity_codes.json holds which activities are reminded of, missed and shared, which are not, and which type of resource
answers them, as ConceptMaps say.
observations.json holds which Observations an activity is made of, and in which unit each is measured: `system|code`.
searches.json holds {service: {type: [parameters, includes, reverse includes]}} as CapabilityStatements declare them, in
one text each, of the types that we have at that service (`fut/services.py`) and that can be searched there.
declared.json holds {service: {type: [interactions, operations, parameters]}} as the same statements declare them, of
every type at every service; the type "" is the service itself. docs/reference/not-offered.md is made of it.
All are committed, so that the clone needs nothing beside them.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kommunalpro.fut.services import rows_at

DATA = Path(__file__).parent.parent / "kommunalpro/fut/data"
MOST = 350
KL = "http://kl.dk/fhir/common/caresocial/"
TAKEN = ("http://ehealth.sundhed.dk/cs/", "http://ehealth.sundhed.dk/vs/", KL)
TOLD = ("resourceType", "url", "version", "name", "title", "status", "caseSensitive", "hierarchyMeaning", "content",
        "property", "concept", "compose")  # fmt: skip


def codes(concepts: list[dict[str, Any]]) -> Iterator[str]:
    """Give every code of a tree of concepts."""
    for concept in concepts:
        yield concept["code"]
        yield from codes(concept.get("concept", []))


def main(folder: str) -> None:
    """Read the guide, write each table."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(Path(folder).glob("*.json"))]
    systems = [each for each in found if each["resourceType"] == "CodeSystem"]
    write_codes(systems)
    maps = [each for each in found if each["resourceType"] == "ConceptMap"]
    write_activity_codes(maps)
    write_observations(maps)
    value_sets = [each for each in found if each["resourceType"] == "ValueSet"]
    # One that is complete and has no codes has been left open: that there are none would be too much said.
    whole = [each for each in systems if each["content"] == "complete" and each.get("concept")]
    write_terminology(whole + value_sets)
    write_searches(declared(Path(folder)))
    write_declared(Path(folder))


def write_codes(systems: list[dict[str, Any]]) -> None:
    """Write which codes there are: what is bound to is checked by it."""
    table = {}
    for system in systems:
        found = sorted(set(codes(system.get("concept", []))))
        if found and len(found) <= MOST:
            table[system["url"]] = found
    text = json.dumps(table, ensure_ascii=False, indent=0, sort_keys=True) + "\n"
    (DATA / "codes.json").write_text(text, encoding="utf-8")
    print(f"{len(table)} code systems, {sum(map(len, table.values()))} codes")


def write_activity_codes(maps: list[dict[str, Any]]) -> None:
    """Write {what is done, or not, or what answers: {system: [codes of activities]}}."""
    table: dict[str, dict[str, list[str]]] = {}
    for each in maps:
        name = each["url"].rpartition("activitydefinition-code-to-")[2]
        for group in each["group"] if name == "measurement-resource-type" else ():
            for one in group["element"]:
                for to in one["target"]:
                    table.setdefault(to["code"], {}).setdefault(group["source"], []).append(one["code"])
        for group in each["group"] if name in ("do-reminder", "do-missing-measurement", "perform-sharing") else ():
            for one in group["element"]:
                what = name if any(to["code"] == "Y" for to in one["target"]) else f"not-{name}"
                table.setdefault(what, {}).setdefault(group["source"], []).append(one["code"])
    done_by_name = {name: {system: sorted(many) for system, many in by.items()} for name, by in table.items()}
    text = json.dumps(done_by_name, ensure_ascii=False, indent=0, sort_keys=True) + "\n"
    (DATA / "activity_codes.json").write_text(text, encoding="utf-8")
    print(f"{len(table)} lists of activity codes")


def write_observations(maps: list[dict[str, Any]]) -> None:
    """Write {what is told: {code: [codes]}}; each code with its system."""
    names = {"activitydefinition-code-to-observation-code": "parts", "conceptmap-obs-code-to-ucum": "units"}
    table: dict[str, dict[str, list[str]]] = {}
    for each in maps:
        name = names.get(each["url"].rpartition("/")[2])
        for group in each["group"] if name else ():
            for element in group["element"]:
                targets = [f"{group['target']}|{to['code']}" for to in element["target"]]
                table.setdefault(str(name), {})[f"{group['source']}|{element['code']}"] = targets
    text = json.dumps(table, ensure_ascii=False, indent=0, sort_keys=True) + "\n"
    (DATA / "observations.json").write_text(text, encoding="utf-8")
    print(", ".join(f"{len(many)} {name} of observations" for name, many in table.items()))


def write_terminology(resources: list[dict[str, Any]]) -> None:
    """Write what the codes mean, and which of them a value set has."""
    taken = {each["url"]: named(each) if each["url"].startswith(KL) else each
             for each in resources if each["url"].startswith(TAKEN)}  # fmt: skip
    told = [{name: taken[url][name] for name in TOLD if name in taken[url]} for url in sorted(taken)]
    lines = ",\n".join(json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in told)
    (DATA / "terminology.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    print(f"{len(told)} code systems and value sets")


def named(resource: dict[str, Any]) -> dict[str, Any]:
    """Give a CodeSystem with the codes and names that it has, and no explanations; a ValueSet as it is."""
    return {**resource, **({"concept": names(resource["concept"])} if "concept" in resource else {})}


def names(concepts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give each code with its name, and with what stands below it."""
    return [
        {name: names(each[name]) if name == "concept" else each[name] for name in ("code", "display", "concept")
         if name in each}
        for each in concepts
    ]  # fmt: skip


def declared(folder: Path) -> dict[str, dict[str, tuple[str, str, str]]]:
    """Give what each service declares of a search: service → type → parameters, includes and reverse includes."""
    found: dict[str, dict[str, tuple[str, str, str]]] = {}
    for path in sorted(folder.glob("CapabilityStatement-*.json")):
        service = path.stem.removeprefix("CapabilityStatement-")
        for each in json.loads(path.read_text(encoding="utf-8"))["rest"][0]["resource"]:
            type, is_searched = each["type"], "search-type" in {one["code"] for one in each.get("interaction", ())}
            if is_searched and rows_at(type, service):
                names = [one["name"] for one in each.get("searchParam", ())]
                links = (each.get("searchInclude", ()), each.get("searchRevInclude", ()))
                parameters, includes, referring = (" ".join(sorted(set(many))) for many in (names, *links))
                found.setdefault(service, {})[type] = (parameters, includes, referring)
    return found


def write_searches(table: dict[str, dict[str, tuple[str, str, str]]]) -> None:
    """Write what can be asked of each type: one line of each is readable in a change."""
    text = json.dumps(table, indent=0, sort_keys=True) + "\n"
    (DATA / "searches.json").write_text(text, encoding="utf-8")
    print(f"{sum(map(len, table.values()))} types that are searched, of {len(table)} services")


def write_declared(folder: Path) -> None:
    """Write all that each service declares, one type a line."""
    table: dict[str, dict[str, list[str]]] = {}
    for path in sorted(folder.glob("CapabilityStatement-*.json")):
        rest = json.loads(path.read_text(encoding="utf-8"))["rest"][0]
        table[path.stem.removeprefix("CapabilityStatement-")] = {
            each.get("type", ""): [
                _sorted(each, "interaction", "code"),
                _sorted(each, "operation", "name"),
                _sorted(each, "searchParam", "name") if "type" in each else "",
            ]
            for each in (rest, *rest["resource"])
        }
    services = (
        f"{json.dumps(service)}: {{\n"
        + ",\n".join(f"{json.dumps(type)}: {json.dumps(types[type])}" for type in sorted(types))
        + "\n}"
        for service, types in sorted(table.items())
    )
    (DATA / "declared.json").write_text("{\n" + ",\n".join(services) + "\n}\n", encoding="utf-8")
    print(f"{sum(map(len, table.values()))} types and services that something is declared of")


def _sorted(declaring: dict[str, Any], name: str, key: str) -> str:
    return " ".join(sorted({each[key] for each in declaring.get(name, ())}))


if __name__ == "__main__":
    main(sys.argv[1])
