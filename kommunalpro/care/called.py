"""What an activity is called: by its own title where it has one, else as the questionnaire that it asks.

Two activities may ask one questionnaire, one in the morning and one in the evening: the citizen tells them apart by
their titles, and staff read the questionnaire's beside them. A draft keeps the title, and so does the response
(`basedOn.display`), so that both are called as they were when they were answered.
"""

from kommunalpro.fhir.ehealth import EMPLOYEE_TITLE
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.pro.form import Form
from kommunalpro.pro.text import Text


def own_title(activity: Json, form: Form) -> str:
    """Give an activity's own title for citizens; empty: it is called as its questionnaire, in either language."""
    return _unless(activity.get("title", ""), form.title.da, form.title.en)


def title_of(own: str, form: Form) -> Text:
    """Give what citizens read: the own title, which has no translation, or the questionnaire's."""
    return Text(own) if own else form.title


def staff_title(activity: Json, questionnaire: Json, form: Form) -> str:
    """Give what staff read of what is asked, by the titles for them where there are some."""
    asks = extension_value(questionnaire, EMPLOYEE_TITLE) or form.title.da
    named = extension_value(activity, EMPLOYEE_TITLE) or own_title(activity, form)
    return _beside(_unless(named, asks, form.title.da, form.title.en), asks)


def answered_title(own: str, form: Form, language: str) -> str:
    """Give what staff read of what was answered."""
    return _beside(own, form.title.say(language))


def _unless(title: str, *others: str) -> str:
    said = title.strip()
    return "" if said.casefold() in {each.strip().casefold() for each in others} else said


def _beside(own: str, asks: str) -> str:
    return f"{own} ({asks})" if own else asks
