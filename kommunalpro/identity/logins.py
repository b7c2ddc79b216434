"""Logins when everything is renamed."""

from django.db.models import F, Value
from django.db.models.functions import Concat, Substr

from kommunalpro.identity.models import Login


def rename_logins(old: str, new: str) -> None:
    """Let every login point below `new` that pointed below `old`."""
    below = Substr(F("user_url"), len(old) + 1)
    Login.objects.filter(user_url__startswith=f"{old}/").update(user_url=Concat(Value(new), below))
