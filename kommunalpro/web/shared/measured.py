"""What is measured, in words: what FUT's codes are called, and numbers with their units and limits."""

from collections.abc import Mapping

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kommunalpro.care.answers import number
from kommunalpro.care.readings import UNITS_AS_WRITTEN, Limits, Reading, Value


def names() -> Mapping[str, str]:
    """Give what people call what is measured, by FUT's code."""
    return {
        "NPU03804": _("Vægt"),
        "NPU03794": _("Højde"),
        "NPU27281": _("BMI"),
        "NPU08676": _("Temperatur"),
        "NPU21692": _("Puls"),
        "NPU03011": _("Iltmætning"),
        "DNK05472": _("Blodtryk, systolisk"),
        "DNK05473": _("Blodtryk, diastolisk"),
        "ZZ3170": _("Hjemmeblodtryk"),
        "MCS88015": _("Lungefunktion, FEV1"),
        "MCS88016": _("Lungefunktion, FVC"),
        "MCS88017": _("Lungefunktion, FEV1/FVC"),
        "MCS88023": _("FEV1 i procent af det forventede"),
        "MCS88021": _("Åndenød, MRC-skala"),
        "MCS88050": _("Rejse-sætte-sig-test"),
        "MCS88137": _("CAT-score"),
        "MCS88192": _("Skridt om dagen"),
        "MCS88193": _("Skridt om ugen"),
        "MCS88194": _("Skridt"),
        "72287-6": _("Sårets størrelse"),
        "39126-8": _("Sårets længde"),
        "39125-0": _("Sårets bredde"),
        "39127-6": _("Sårets dybde"),
        "89260-4": _("Sårets areal"),
        "94083-3": _("Sårets rumfang"),
        "446080005": _("Foto af sår"),
        "ZZ7011": _("Klinisk foto"),
    }


def unit(code: str) -> str:
    """Give a unit as people write it; empty where there is none to write."""
    return UNITS_AS_WRITTEN.get(code, code)


def value_words(value: Value) -> str:
    """Say what was measured: `Vægt 82,4 kg`; a value that is not there is said to be missing."""
    called = _called(value)
    if value.number is None:
        return f"{called}: {value.words}" if value.words else _("%(what)s: ingen værdi") % {"what": called}
    return f"{called} {number(value.number, get_language() or 'da')} {unit(value.unit)}".strip()


def _called(value: Value) -> str:
    return names().get(value.code[1] if value.code else "", value.called) or _("Måling")


def limits_lines(reading: Reading) -> tuple[str, ...]:
    """Say the limits of a reading, each with the part that it is of where there are several."""
    lines = []
    for held in reading.limits:
        said = limits_words(held.limits)
        if held.value.number is not None and not held.is_same_unit:
            said = _("%(limits)s (kan ikke sammenlignes med målingen: enhederne er ikke ens)") % {"limits": said}
        lines.append(f"{_called(held.value)}: {said}" if len(reading.values) > 1 else said)
    return tuple(lines)


def limits_words(limits: Limits) -> str:
    """Say what limits there are, and not on which side of them something is wrong: nobody has told."""
    what = {"red": _("Grænser for rød alarm"), "yellow": _("Grænser for gul alarm"), None: _("Grænser")}[limits.level]
    return f"{what}: {span_words(limits)} {unit(limits.unit)}".strip()


def span_words(limits: Limits) -> str:
    """Say a span: `60–90`, `nedre 60`, `øvre 90`; not `mindst 60`, which is read as what alarms."""
    low, high = (
        number(each, get_language() or "da") if each is not None else None for each in (limits.low, limits.high)
    )
    if low is not None and high is not None:
        return f"{low}–{high}"
    return _("nedre %(low)s") % {"low": low} if low is not None else _("øvre %(high)s") % {"high": high}


def absent_words(reading: Reading) -> str:
    """Say why there is no value; empty where nobody says."""
    return {"asked-declined": _("Borgeren ville ikke oplyse det."), "error": _("Målingen mislykkedes.")}.get(
        reading.absent or "", ""
    )


def reading_words(reading: Reading) -> str:
    """Say in a line what was measured, or that it is a picture."""
    return ", ".join(map(value_words, reading.values)) or _("Et billede")
