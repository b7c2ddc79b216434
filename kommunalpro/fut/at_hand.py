"""Which CodeSystems and ValueSets are at hand: those that are stored here, else FUT's own, as its guide has them.

KL's FSIII and the codes of refusals are there too.

What is stored goes before what is shipped, so that a later release of FUT's codes can be put in without one of ours.
The bindings of profiles are not moved by it: those are checked by the release of the guide that we keep to.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache, partial
from hashlib import sha256
from importlib import resources

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json, canonical, loads
from kommunalpro.fhirserver.protocols import Find
from kommunalpro.fhirserver.search import canonicals
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.concepts import read_system
from kommunalpro.fut.error_codes import CATALOGUE
from kommunalpro.fut.errors import SYSTEM as ERROR_CODES
from kommunalpro.fut.terminology import Key, Terminology

FSIII = "http://kl.dk/fhir/common/caresocial/CodeSystem/FSIII"
ALSO_FSIII = "urn:oid:1.2.208.176.2.21"
"""By what KL identifies FSIII too: what is coded with it is the same."""

OWN_TAG = "kpro"
"""The coexistence tag of Kommunal PRO: ours, for FUT's guide has two others alone."""

TREATMENT_AREAS = f"{ehealth.VS}ehealth-treatment-area-collection-"
"""What the address of a solution's treatment area begins with; its tag follows."""


def terminology(session: Session) -> Terminology:
    """Give what is at hand now."""
    return Terminology(partial(newest, session=session))


def newest(type: str, canonical: str, session: Session) -> Json | None:
    """Give what is stored under a canonical address, whoever asks, else what is shipped; None: it is not here."""
    system = session.elevated()
    system.look_for(type)
    url, bar, version = canonical.partition("|")
    for each in spellings(url):
        if stored := canonicals.newest(type, each + bar + version, system.visible):
            return system.touched(stored)
    return shipped(type, canonical)


def spellings(system: str) -> tuple[str, ...]:
    """Give all by which a code system is known, the given one first: FSIII by its URL or by its OID."""
    others = {FSIII, ALSO_FSIII} - {system}
    return (system, *others) if len(others) == 1 else (system,)


def shipped(type: str, canonical: str) -> Json | None:
    """Give what comes with the software, of the guide's and the codes of refusals; None: it does not."""
    url, _, version = canonical.partition("|")
    is_ours = (type, url) == ("CodeSystem", ERROR_CODES) and version in ("", _error_codes()["version"])
    return _error_codes() if is_ours else of_guide(type, url, version)


def codes_in(value_set: str, stored: Find) -> Iterable[Key] | None:
    """Give the codes of a value set that `stored` finds, or is shipped, as `$expand` tells them; None: it is not here.

    Headings are not among them: nothing is coded by one.

    Raises:
        CannotTell: names what it has and is not here.
    """
    terms = Terminology(lambda *named: stored(*named) or shipped(*named))
    found = terms.find("ValueSet", value_set)
    if found is None:
        return None
    chosen = (key for key, concept in terms.expand(found).items() if not concept.is_abstract)
    return [(each, code) for system, code in chosen for each in spellings(system)]


def of_guide(type: str, url: str, version: str = "") -> Json | None:
    """Give what FUT's guide says, or we say of ours, whatever is stored here; None: nothing, or another version."""
    found = next((_guide()[type, each] for each in spellings(url) if (type, each) in _guide()), None)
    return found if found and version in ("", found["version"]) else None


def codings_in_guide(value_set: str) -> tuple[Json, ...]:
    """Give the codes that one of FUT's value sets names one by one, as codings with the names that it has for them."""
    includes = (of_guide("ValueSet", value_set) or {}).get("compose", {}).get("include", ())
    return tuple(
        {"system": part["system"], **{name: each[name] for name in ("code", "display") if name in each}}
        for part in includes
        for each in part.get("concept", ())
    )


@lru_cache(maxsize=1024)
def name_in_guide(system: str, code: str) -> str | None:
    """Give what FUT's guide calls a code; None: it has no name for it."""
    found = of_guide("CodeSystem", system)
    concept = read_system(found).concept(code) if found else None
    return concept.display if concept else None


@cache
def _guide() -> dict[tuple[str, str], Json]:
    table = loads(resources.files("kommunalpro.fut.data").joinpath("terminology.json").read_bytes())
    known = {(each["resourceType"], each["url"]): each for each in table}
    return known | {(each["resourceType"], each["url"]): each for each in _of_kommunal_pro(known)}


def _of_kommunal_pro(known: Mapping[tuple[str, str], Json]) -> Iterator[Json]:
    """Give what the guide lacks of us, until FUT has it: our tag, and a treatment area of all that FUT may treat.

    Source: `fut.md` §11; its tags have such a collection each.
    """
    tags = known["CodeSystem", f"{ehealth.CS}ehealth-system"]
    yield {**tags, "concept": [*tags["concept"], {"code": OWN_TAG, "display": "Kommunal PRO"}]}
    like = known["ValueSet", f"{TREATMENT_AREAS}xa"]
    own = {"url": f"{TREATMENT_AREAS}{OWN_TAG}", "name": f"TreatmentAreaCollection_{OWN_TAG}"}
    yield {**like, **own, "title": f"Treatment Area Collection {OWN_TAG}"}


@cache
def _error_codes() -> Json:
    """Give the codes that refusals bear, for whoever looks one up: FUT gives them no code system, so it is ours.

    Codes come and go, and so does the version, which is made from what it says.
    """
    concepts = [
        {"code": code, "display": da, "definition": en, "designation": [_named("da", da), _named("en", en)]}
        for code, (da, en) in sorted(CATALOGUE.items())
    ]
    version = sha256(canonical(concepts)).hexdigest()[:12]
    own = {"url": ERROR_CODES, "version": version, "name": "ErrorCodes", "status": "active", "content": "complete"}
    return {"resourceType": "CodeSystem", **own, "concept": concepts}


def _named(language: str, words: str) -> Json:
    return {"language": language, "value": words}
