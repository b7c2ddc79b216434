"""What an activity asks of a measurement, in words: whether an earlier one may be used again, and its limits."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from kommunalpro.care.criteria import Part, may_be_reused, other_limits, parts_of, reuse_of, spans_of
from kommunalpro.fhir.json import Json
from kommunalpro.fut.measurements import Quality
from kommunalpro.web.shared.measured import limits_words, names, unit
from kommunalpro.web.shared.plan_words import length

__all__ = ["kept_reuse", "limits_label", "limits_lines", "quality_choices", "quality_labels", "reuse_words", "unit"]


def reuse_words(activity: Json) -> str:
    """Say whether an earlier measurement may be used again: `Ja, når det højst er 7 dage gammelt`."""
    if not may_be_reused(activity):
        return _("Nej, der skal svares på ny")
    reuse = reuse_of(activity)
    if reuse is None:
        return _("Ja, efter regler, der ikke kan vises her")
    said = _("Ja, når det højst er %(age)s gammelt") % {
        "age": length({"value": reuse.age.value, "code": reuse.age.unit})
    }
    wanted = [dict(quality_choices(part, code)).get(code, code) for part, code in reuse.qualities.items()]
    return ". ".join([said, *(_("Krav: %(quality)s") % {"quality": each} for each in wanted)])


def kept_reuse(activity: Json) -> str:
    """Say what the editor cannot; empty: there is nothing that it cannot say."""
    return reuse_words(activity) if may_be_reused(activity) and reuse_of(activity) is None else ""


def limits_lines(activity: Json) -> tuple[str, ...]:
    """Say the limits of an activity, each with the number that it is of where there are several."""
    several = len(parts_of(activity)) > 1
    own = [(f"{_name(each.part)}: " if several else "") + limits_words(each.limits) for each in spans_of(activity)]
    return (
        *own,
        *(_("%(limits)s (kan ikke rettes her)") % {"limits": limits_words(each)} for each in other_limits(activity)),
    )


def limits_label(level: str, part: Part) -> str:
    """Say which limits a pair of fields holds."""
    said = _("%(what)s, rød alarm") if level == "red" else _("%(what)s, gul alarm")
    return said % {"what": _name(part)}


def quality_labels() -> Mapping[Quality, str]:
    """Say what each kind of quality is about."""
    return {
        "situationQuality": _("Hvordan der skal være målt"),
        "usageQuality": _("Hvordan udstyret skal være brugt"),
        "deviceMeasuringQuality": _("Hvor godt udstyret skal måle"),
    }


def quality_choices(part: Quality, now: str) -> list[tuple[str, str]]:
    """Give what can be asked for, by FUT's codes; what is asked for now is among them, whatever it is."""
    choices = [("", _("Intet krav")), *_qualities()[part].items()]
    return choices if now in dict(choices) else [*choices, (now, now)]


def _qualities() -> Mapping[Quality, Mapping[str, str]]:
    return {
        "situationQuality": {
            "normal": _("Som man plejer"),
            "sitting": _("Siddende"),
            "lying-down": _("Liggende"),
            "supported-by-armrest": _("Med armen støttet"),
            "arms-crossed": _("Med korslagte arme"),
            "finger-not-cold": _("Uden kolde fingre"),
        },
        "usageQuality": {
            "normal": _("Som det plejer"),
            "instructions-followed": _("Efter brugsvejledningen"),
            "automatically-transferred": _("Målingen er overført automatisk"),
            "entered-manually": _("Målingen er tastet ind"),
        },
        "deviceMeasuringQuality": {
            "normal": _("Almindeligt udstyr"),
            "low-precision-calibrated": _("Kalibreret udstyr"),
            "high-precision": _("Udstyr med høj præcision"),
            "high-precision-calibrated": _("Kalibreret udstyr med høj præcision"),
        },
    }


def _name(part: Part) -> str:
    return names().get(part.code[1], part.code[1])
