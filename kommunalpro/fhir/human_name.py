"""A person's name as it is written: HumanName."""

from kommunalpro.fhir.json import Json


def full_name(resource: Json) -> str:
    """Give the official name of a Patient or Practitioner; empty text when it has none."""
    names = resource.get("name", ())
    name = next((each for each in names if each.get("use") == "official"), names[0] if names else {})
    if "text" in name:
        return str(name["text"])
    # Null is a name that has an extension alone (R4 json.html#null).
    return " ".join(each for each in (*name.get("given", ()), name.get("family")) if each)
