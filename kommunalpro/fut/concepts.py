"""A code with what is said of it, and a code system as far as it is here.

Source: R4 codesystem.html, codesystem-concept-properties.html.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kommunalpro.fhir.json import Json

MEANS_MORE = ("implicitRules", "modifierExtension")
"""What changes the meaning of what it stands on, so that nobody may pass over it."""

_SAY_WHAT_IS_ABOVE = ("parent", "child", "subsumedBy")


@dataclass(frozen=True, slots=True)
class Concept:
    """A code. `said` is what its code system says of it, empty where that is not here; `parent` is the code above it.

    `chosen` is what the value set says that lists it, whose words go before the code system's. `language` is that of
    the code system.
    """

    system: str
    code: str
    version: str = ""
    said: Json = field(default_factory=dict)
    parent: str | None = None
    language: str = ""
    chosen: Json = field(default_factory=dict)

    @property
    def display(self) -> str | None:
        """Give its name; None: nobody says it here."""
        return self.chosen.get("display") or self.said.get("display")

    @property
    def designations(self) -> list[Json]:
        """Give every other name for it."""
        return [*self.chosen.get("designation", ()), *self.said.get("designation", ())]

    @property
    def is_abstract(self) -> bool:
        """Tell whether it is a heading, which nobody chooses."""
        return bool(self.chosen.get("abstract")) or any(self.properties("notSelectable"))

    @property
    def is_inactive(self) -> bool:
        """Tell whether it is out of use; what is merely deprecated may be used."""
        is_out = any(self.properties("inactive")) or "retired" in self.properties("status")
        return is_out or bool(self.chosen.get("inactive"))

    def properties(self, code: str) -> list[Any]:
        """Give the values of a property of it."""
        found = (each for each in self.said.get("property", ()) if each.get("code") == code)
        return [value for each in found for name, value in each.items() if name.startswith("value")]

    def display_in(self, language: str | None) -> str | None:
        """Give its name in a language (`da` is `da-DK` too), else as it is."""
        if language and not speaks(self.language, language):
            named = (each["value"] for each in self.designations if speaks(each.get("language", ""), language))
            return next(named, self.display)
        return self.display

    def is_called(self, display: str) -> bool | None:
        """Tell whether this is a name of it, whatever its case and spacing; None: it has no name here."""
        names = [self.display, self.said.get("display"), *(each.get("value") for each in self.designations)]
        known = {_folded(each) for each in names if each}
        return _folded(display) in known if known else None


@dataclass(frozen=True, slots=True)
class System:
    """A code system as far as it is here. `is_whole`: there are no other codes than these.

    `is_of_kinds`: what stands below a code is a kind of it, and nothing else is.
    """

    resource: Json
    is_whole: bool
    concepts: Mapping[str, Concept]
    ignores_case: bool = False
    is_of_kinds: bool = False

    @property
    def version(self) -> str:
        """Give which version it is; empty: it does not say."""
        return str(self.resource.get("version", ""))

    def concept(self, code: str) -> Concept | None:
        """Give a code; None: it has none such, as far as it is here."""
        return self.concepts.get(code.casefold() if self.ignores_case else code)

    def is_within(self, special: str, general: str) -> bool:
        """Tell whether a code is another, or stands below it; an unknown code is neither."""
        top, at = self.concept(general), self.concept(special)
        while at and at is not top:
            at = self.concept(at.parent) if at.parent else None
        return at is not None


def read_system(resource: Json) -> System:
    """Read a CodeSystem; one that means more than it says is read as if it were here in part."""
    ignores_case = resource.get("caseSensitive") is False
    url, version, language = (str(resource.get(name, "")) for name in ("url", "version", "language"))
    concepts: dict[str, Concept] = {}
    is_sound, is_of_kinds = is_understood(resource), _is_of_kinds(resource)
    for said, above in tree(resource.get("concept", ()), "concept"):
        is_sound = is_sound and is_understood(said)
        code = said["code"]
        key = code.casefold() if ignores_case else code
        is_of_kinds = is_of_kinds and key not in concepts  # one that stands twice has no place in a tree
        concepts[key] = Concept(url, code, version, said, above["code"] if above else None, language)
    is_whole = is_sound and resource.get("content") == "complete"
    return System(resource, is_whole, concepts, ignores_case, is_of_kinds)


def _is_of_kinds(resource: Json) -> bool:
    """Tell whether the tree of a CodeSystem is one of kinds, and no code says of itself that it stands below more."""
    said = {each["code"] for each in resource.get("property", ())}
    return resource.get("hierarchyMeaning") == "is-a" and said.isdisjoint(_SAY_WHAT_IS_ABOVE)


def tree(these: Any, below: str) -> Iterator[tuple[Json, Json | None]]:
    """Give each and what it stands below (None: nothing), in the order in which they are written."""
    waiting: list[tuple[Json, Json | None]] = [(each, None) for each in reversed(these)]
    while waiting:
        each, above = waiting.pop()
        yield each, above
        waiting += [(one, each) for one in reversed(each.get(below, ()))]


def is_understood(element: Json) -> bool:
    """Tell whether nothing on it changes what it means."""
    return element.keys().isdisjoint(MEANS_MORE)


def speaks(language: str, wanted: str) -> bool:
    """Tell whether this is the language that is wanted, or a kind of it."""
    return language.casefold() == wanted.casefold() or language.casefold().startswith(f"{wanted.casefold()}-")


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
