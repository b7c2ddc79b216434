"""What has no words of its own on the pages, element by element: what it is called, what it says, how two differ."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from kommunalpro.care.bundles import versionless
from kommunalpro.fhir.json import Json
from kommunalpro.web.kam.presenters import labels

_EXTENSIONS = ("extension", "modifierExtension")
_NOT_SAID = frozenset({"url", "system", "id"})


def rest(element: Json, told: Collection[str]) -> dict[str, Json]:
    """Give what an element holds besides what is told elsewhere (names, URLs of extensions), by what it is called.

    What says more about a value (`_title`) goes with it; the extensions with a URL stand together.
    """
    found: dict[str, dict[str, Any]] = {}
    for key, name, value in _parts(element):
        if key not in told:
            found.setdefault(_called(key), {}).setdefault(name, []).append(value)
    return {called: found[called] for called in sorted(found)}


def part(element: Json, *keys: str) -> Json:
    """Give what an element holds under these names or URLs of extensions, with what says more about the values."""
    found: dict[str, list[Any]] = {}
    for key, name, value in _parts(element):
        if key in keys:
            found.setdefault(name, []).append(value)
    return found


def _parts(element: Json) -> Iterator[tuple[str, str, Any]]:
    for name, value in element.items():
        if name in _EXTENSIONS:
            yield from ((str(each.get("url", "")), name, each) for each in value)
        else:
            yield name.lstrip("_"), name, value


def said(value: Any, known: Mapping[str, Json]) -> str:
    """Say what stands in an element. `known`: what addresses lead to, by version-less URL."""
    match value:
        case bool():
            return _("Ja") if value else _("Nej")
        case list():
            return "; ".join(filter(None, (said(each, known) for each in value)))
        case {"coding": _codings} | {"text": str(_codings)}:
            return labels.concept(value)
        case {"reference": str(url)}:
            return titled(url, known) if versionless(url) in known else str(value.get("display") or url)
        case {"code": str(code), "system": _system} if "value" not in value:
            return str(value.get("display") or code)
        case {"value": amount, "system": _system}:
            return f"{amount} {value.get('unit') or value.get('code', '')}".strip()
        case Mapping():
            parts = (said(each, known) for name, each in value.items() if name not in _NOT_SAID)
            return ", ".join(filter(None, parts))
        case str() if versionless(value) in known:
            return titled(value, known)
    return str(value)


def titled(url: str, known: Mapping[str, Json]) -> str:
    """Say what an address leads to, by title and version; the address itself where that is not known."""
    found = known.get(versionless(url))
    return f"{labels.title(found)} {found.get('version', '')}".strip() if found else url


def unlike(before: Any, after: Any) -> tuple[str, str]:
    """Say where two differ that words say alike: `code: 1` and `code: 2`, with the whole path where it takes that."""
    one, other = dict(_leaves(before)), dict(_leaves(after))
    pairs = [(path, one.get(path), other.get(path)) for path in {**one, **other} if one.get(path) != other.get(path)]
    sides = [[(path, pair[at]) for path, *pair in pairs] for at in (0, 1)]
    short = tuple(_listed((_last(path), value) for path, value in side) for side in sides)
    return (short[0], short[1]) if short[0] != short[1] else (_listed(sides[0]), _listed(sides[1]))


def _listed(leaves: Iterable[tuple[str, str | None]]) -> str:
    return "; ".join(f"{path}: {value}" if path else value for path, value in leaves if value is not None)


def _last(path: str) -> str:
    name = path.rpartition(".")[2]
    return "" if name.startswith("value") else name


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    match value:
        case Mapping():
            for name, each in value.items():
                yield from _leaves(each, f"{path}.{name}" if path else name)
        case list():
            for at, each in enumerate(value):
                yield from _leaves(each, f"{path}[{at}]" if at else path)
        case None:
            return
        case _:
            yield path, str(value)


def _called(key: str) -> str:
    name = key.rpartition("/")[2].removeprefix("ehealth-")
    return _names().get(name, name)


def _names() -> Mapping[str, str]:
    """Give what elements and extensions of plans, steps and activities are called; others by FHIR's own name."""
    return {
        "author": _("forfatter"),
        "cardinalityBehavior": _("om trinnet kan gentages"),
        "condition": _("betingelse"),
        "contact": _("kontakt"),
        "copyright": _("ophavsret"),
        "description": _("beskrivelse"),
        "documentation": _("dokumentation"),
        "dynamicValue": _("værdier, der beregnes"),
        "effectivePeriod": _("hvornår den gælder"),
        "experimental": _("kun til afprøvning"),
        "goalId": _("hvilket mål trinnet hører til"),
        "include-as-extra": _("kan sendes ekstra"),
        "intendedAudience": _("målgruppe"),
        "jurisdiction": _("lovgrundlag"),
        "kind": _("hvad den bliver til"),
        "language": _("sprog"),
        "library": _("regler i et bibliotek"),
        "name": _("navn i systemer"),
        "overviewUsageMode": _("hvordan den vises i overblikket"),
        "participant": _("hvem der deltager"),
        "plandefinition-recommendation": _("anbefaling"),
        "priority": _("hvor meget det haster"),
        "publisher": _("udgiver"),
        "purpose": _("formål"),
        "reason": _("grund"),
        "recommendation": _("anbefaling"),
        "relatedArtifact": _("henvisninger"),
        "requiredBehavior": _("om trinnet skal med"),
        "selectionBehavior": _("hvor mange trin der vælges"),
        "subtitle": _("undertitel"),
        "textEquivalent": _("tekst i stedet"),
        "topic": _("emne"),
        "type": _("slags"),
        "usage": _("brug"),
        "useContext": _("hvor den bruges (program)"),
    }
