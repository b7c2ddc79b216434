"""Small Views, written so that they can be read: one line a score, a topic or an acute rule.

    score total: sum of mood, energy; high is better; red 0 to 7; yellow 8 to 13; green 14 to 20
    topic well-being: mood, energy; total
    acute thoughts: mood <= 1

A score's items may be reversed (`-sleep`), its missing answers be allowed (`missing half; prorated`), its sum be
multiplied, divided, added to, rounded (`times 4; by 3; plus 1; decimals 1`), and its answers count otherwise than the
questionnaire says (`values mood never=0 often=2`). `important 5` is the least change that is important, and
`topic pain: -a, +b` says of a question that a high answer is worse, or better.
"""

from decimal import Decimal
from typing import Any

from kommunalpro.pro.form import Form
from kommunalpro.pro.triage import Assessment, Light, assess
from kommunalpro.pro.view import View, read_view
from tests.spec.forms import answers

QUESTIONNAIRE, VIEW = (
    "https://example.org/fhir/Questionnaire/1/_history/1",
    "https://example.org/fhir/Basic/1/_history/1",
)


def content(text: str, **more: Any) -> dict[str, Any]:
    """Make the content of a View; without a topic it gets one, of nothing."""
    made: dict[str, Any] = {"scores": [], "topics": [], "acute": []}
    for line in filter(None, (line.lstrip() for line in text.splitlines())):
        kind, _, rest = line.partition(" ")
        id, _, rest = rest.partition(": ")
        made[{"score": "scores", "topic": "topics", "acute": "acute"}[kind]].append(_KINDS[kind](id, rest))
    made["topics"] = made["topics"] or [_topic("all", "")]
    title = {"da": "Skemaets emner", "en": "Topics"}
    head = {"schemaVersion": 1, "identifier": "skema", "version": "2.0", "level": "national", "title": title}
    return {**head, **made, **more}


def view(text: str, **more: Any) -> View:
    """Read what is written."""
    return read_view(content(text, **more))


def assessed(asked: Form, written: str | None, given: str) -> Assessment:
    """Assess answers by a View, or by none."""
    read = None if written is None else view(written)
    reference = None if written is None else VIEW
    return assess(asked, read, answers(asked, given), questionnaire=QUESTIONNAIRE, view_reference=reference)


def say(light: Light) -> str:
    """Say a light as tables do."""
    return light.code.replace("-", " ")


def _score(id: str, text: str) -> dict[str, Any]:
    method, *parts = text.split("; ")
    method, _, items = method.partition(" of ")
    named = items.split(", ")
    made: dict[str, Any] = {
        "id": id,
        "title": {"da": id.capitalize(), "en": id.capitalize()},
        "method": method,
        "items": [item.lstrip("-") for item in named],
        "reversed": [item[1:] for item in named if item.startswith("-")],
        "direction": "high-is-worse",
        "missing": {"rule": "all"},
        "bands": [],
        "source": "egne grænser",
    }
    for part in parts:
        _read(made, part)
    ends = sorted((each for band in made["bands"] for each in (band["low"], band["high"])), key=Decimal)
    made.setdefault("scale", {"low": ends[0], "high": ends[-1]} if ends else {"low": "-1000", "high": "1000"})
    return made


def _read(score: dict[str, Any], part: str) -> None:
    word, _, rest = part.partition(" ")
    if word in ("red", "yellow", "green"):
        low, high = rest.split(" to ")
        score["bands"].append({"low": low, "high": high, "light": word})
    elif word == "scale":
        low, high = rest.split(" to ")
        score["scale"] = {"low": low, "high": high}
    elif word == "missing":
        least = rest.removeprefix("at least ")
        score["missing"] = {"rule": rest} if least == rest else {"rule": "at-least", "answered": int(least)}
    elif word == "prorated":
        score["missing"]["prorated"] = True
    elif word == "high":
        score["direction"] = f"high-{rest.replace(' ', '-')}"
    elif word == "values":
        item, *pairs = rest.split(" ")
        counted = dict(pair.split("=") for pair in pairs)
        score.setdefault("values", {})[item] = {
            code: None if each == "none" else each for code, each in counted.items()
        }
    elif word == "added":
        add, _, condition = rest.partition(" when ")
        sign, value = condition.split(" ")
        score["added"] = [{"add": add, "operator": sign, "value": value}]
    elif word == "important":
        score["minimalImportantChange"] = {"value": rest, "source": "egen kilde"}
    elif word == "table":
        score["table"] = dict(pair.split("=") for pair in rest.split(" "))
    else:
        name = {"times": "factor", "by": "divisor", "plus": "offset", "decimals": "decimals"}[word]
        score[name] = int(rest) if name == "decimals" else rest


def _topic(id: str, text: str) -> dict[str, Any]:
    items, _, scores = text.partition("; ")
    lists = ([each for each in part.split(", ") if each] for part in (items, scores))
    named: dict[str, list[Any]] = dict(zip(("items", "scores"), lists, strict=True))
    named["items"] = [_directed(each) for each in named["items"]]
    return {"id": id, "title": {"da": id.capitalize(), "en": id.capitalize()}, **named}


def _directed(item: str) -> str | dict[str, str]:
    direction = {"-": "high-is-worse", "+": "high-is-better"}.get(item[0])
    return {"item": item[1:], "direction": direction} if direction else item


def _acute(id: str, text: str) -> dict[str, Any]:
    item, sign, value = text.split(" ")
    said = {"da": "Ring 112, hvis du er i fare.", "en": "Call 112 if you are in danger."}
    read: Any = {"yes": True, "no": False}.get(value, value)
    return {"id": id, "item": item, "operator": sign, "value": read, "text": said, "source": "egen regel"}


_KINDS: dict[str, Any] = {"score": _score, "topic": _topic, "acute": _acute}
