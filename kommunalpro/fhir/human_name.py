"""A person's name as it is written: HumanName."""

from kommunalpro.fhir.json import Json


def full_name(resource: Json) -> str:
    """Give the official name of a Patient or Practitioner; empty text when it has none."""
    name: Json = next(iter((*official_names(resource), *resource.get("name", ()))), {})
    if "text" in name:
        return str(name["text"])
    # Null is a name that has an extension alone (R4 json.html#null).
    return " ".join(each for each in (*name.get("given", ()), name.get("family")) if each)


def official_names(resource: Json) -> list[Json]:
    """Give the names that are said to be official; where none is, the first that says nothing of its use."""
    names = resource.get("name", ())
    return [each for each in names if each.get("use") == "official"] or [each for each in names if "use" not in each][
        :1
    ]
