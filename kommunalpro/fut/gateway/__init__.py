"""The one door to the infrastructure. `web`, `care` and `analytics` import this package and nothing behind it."""

from kommunalpro.fut.gateway.failures import in_english
from kommunalpro.fut.gateway.protocol import Context, Gateway, Parameters, Principal, Unanswered
from kommunalpro.fut.gateway.resending import found_again

__all__ = ["Context", "Gateway", "Parameters", "Principal", "Unanswered", "found_again", "in_english"]
