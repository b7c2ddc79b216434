"""What a plan says, in words that administrators, staff and citizens all read: lengths, triggers, targets."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from babel.dates import format_date
from django.template.defaultfilters import filesizeformat
from django.utils.formats import number_format
from django.utils.translation import get_language, ngettext, npgettext
from django.utils.translation import gettext as _

from kommunalpro.care.materials import Material
from kommunalpro.fhir.json import Json
from kommunalpro.fut.triggers import Condition, Trigger


def length(duration: Json) -> str:
    """Say a Duration: `2 uger`."""
    value = duration.get("value", 1)
    amount = str(value).replace(".", ",")
    names = {
        "s": ngettext("sekund", "sekunder", value),
        "min": ngettext("minut", "minutter", value),
        "h": ngettext("time", "timer", value),
        "d": ngettext("dag", "dage", value),
        "wk": ngettext("uge", "uger", value),
        "mo": ngettext("måned", "måneder", value),
        "a": npgettext("varighed", "år", "år", value),
    }
    return f"{amount} {names.get(duration.get('code', ''), duration.get('unit', ''))}"


def how_often(period: str, unit: str) -> str:
    """Say how often something recurs: `hver 2. uge`. `unit`: as FHIR writes it."""
    once = {
        "min": _("hvert minut"),
        "h": _("hver time"),
        "d": _("hver dag"),
        "wk": _("hver uge"),
        "mo": _("hver måned"),
        "a": _("hvert år"),
    }
    many = {
        "min": _("hvert %(period)s. minut"),
        "h": _("hver %(period)s. time"),
        "d": _("hver %(period)s. dag"),
        "wk": _("hver %(period)s. uge"),
        "mo": _("hver %(period)s. måned"),
        "a": _("hvert %(period)s. år"),
    }
    return once[unit] if period == "1" else many[unit] % {"period": period.replace(".", ",")}


def often(count: int, every: timedelta | None) -> str:
    """Say how often something came: by the clock where that tells it, else how many times."""
    minutes, rest = divmod(every or timedelta(), timedelta(minutes=1))
    if not minutes or rest:
        return _("%(count)d gange") % {"count": count}
    hours, rest_of_hour = divmod(minutes, 60)
    return how_often(str(minutes), "min") if rest_of_hour else how_often(str(hours), "h")


def trigger_words(trigger: Trigger, names: Mapping[str, str]) -> str:
    """Say when something that waits begins. `names`: titles of activities by the id of their action."""
    link = _(" og ") if trigger.needs_all else _(" eller ")
    answered = link.join(_answered(each, names) for each in trigger.conditions)
    if trigger.offset and trigger.offset.get("value"):
        return _("Begynder %(length)s efter, at %(answered)s") % {
            "length": length(trigger.offset),
            "answered": answered,
        }
    return _("Begynder, når %(answered)s") % {"answered": answered}


def _answered(condition: Condition, names: Mapping[str, str]) -> str:
    said = ngettext("”%(name)s” er besvaret", "”%(name)s” er besvaret %(count)d gange", condition.count)
    return said % {"name": names.get(condition.action) or _("noget uden for planen"), "count": condition.count}


def units() -> Mapping[str, str]:
    """Give the units that a goal can be counted in, by their UCUM codes."""
    return {
        "1": _("uden enhed"),
        "{score}": _("point"),
        "/d": _("gange om dagen"),
        "/wk": _("gange om ugen"),
        "min": _("minutter"),
        "min/d": _("minutter om dagen"),
        "min/wk": _("minutter om ugen"),
        "{steps}/d": _("skridt om dagen"),
        "h": _("timer"),
        "kg": "kg",
        "cm": "cm",
        "%": "%",
        "mm[Hg]": "mmHg",
        "mmol/mol": "mmol/mol",
    }


def comparators() -> Mapping[str, str]:
    """Give how a goal's number can be meant, by FHIR's comparators; empty: exactly so."""
    return {">=": _("mindst"), "<=": _("højst"), ">": _("over"), "<": _("under"), "": _("præcis")}


def target_words(target: Json) -> str:
    """Say the target of a goal, of a plan or a citizen: `Gang: mindst 30 minutter om dagen, inden for 12 uger`."""
    measure = target.get("measure", {})
    what = measure.get("text") or next((each.get("display", "") for each in measure.get("coding", ())), "")
    amount = _amount(target)
    reached = f"{what}: {amount}" if what and amount else what or amount
    return ", ".join(each for each in (reached, _due(target)) if each)


def place_words(material: Material) -> str:
    """Say where material lies: its size, where it is stored here, else the site that it is a page of."""
    if material.size:
        return _("Dokument, %(size)s") % {"size": filesizeformat(material.size)}
    return urlsplit(material.link).netloc if material.link else _("Ingen adresse")


def _amount(target: Json) -> str:
    if "detailQuantity" in target:
        return _quantity(target["detailQuantity"])
    if "detailRange" in target:
        ends = target["detailRange"]
        low, high = ({**ends[name], "comparator": ""} if name in ends else None for name in ("low", "high"))
        if low and high:
            return _("mellem %(low)s og %(high)s") % {"low": number(low["value"]), "high": _quantity(high, bare=True)}
        return _quantity({**low, "comparator": ">="} if low else {**(high or {}), "comparator": "<="})
    concept = target.get("detailCodeableConcept", {})
    return str(concept.get("text") or next((each.get("display", "") for each in concept.get("coding", ())), ""))


def _quantity(quantity: Json, *, bare: bool = False) -> str:
    code = quantity.get("code", "")
    unit = "" if code == "1" else units().get(code) or quantity.get("unit") or code
    amount = " ".join(each for each in (number(quantity.get("value", "")), unit) if each)
    return amount if bare else f"{comparators().get(quantity.get('comparator', ''), '')} {amount}".strip()


def number(value: Any) -> str:
    """Write a number as the reader's language does."""
    return str(number_format(value)) if isinstance(value, Decimal | int) else str(value)


def _due(target: Json) -> str:
    if due := target.get("due") or target.get("dueDuration"):
        return _("inden for %(length)s") % {"length": length(due)}
    text = target.get("dueDate")
    return _("senest %(day)s") % {"day": _day(text)} if text else ""


def _day(text: str) -> str:
    language = get_language() or "da"
    try:
        return format_date(date.fromisoformat(text), "d. MMMM y" if language == "da" else "d MMMM y", language)
    except ValueError:
        # FHIR's dates may be a month or a year.
        return text
