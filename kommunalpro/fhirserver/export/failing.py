"""When an export cannot be made: whether it is worth trying again, and what whoever asked for it is told."""

import errno
import logging

from kommunalpro.fhir.outcome import FhirError
from kommunalpro.fhirserver.faults import DATABASE_ERRORS, kind_of, state_of

log = logging.getLogger(__name__)

_PASSING = frozenset(
    {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EIO,
        errno.ESTALE,
        errno.ETIMEDOUT,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOMEM,
        errno.EAGAIN,
        errno.EINTR,
    }
)
"""What a disk says that is full, or not there for the moment."""


def passes(wrong: Exception) -> bool:
    """Tell whether what is wrong goes away by itself: a broken connection, a lock, a full disk."""
    if isinstance(wrong, DATABASE_ERRORS):
        return kind_of(wrong) is not None
    return isinstance(wrong, OSError) and wrong.errno in _PASSING


def reason(wrong: Exception, job: str) -> str:
    """Give why an export ended without, in words for whoever asked; what is for nobody else's eyes goes to the log.

    A filter that was understood when it was asked for and is not since is told as it is.
    """
    if isinstance(wrong, FhirError):
        return str(wrong)
    if isinstance(wrong, DATABASE_ERRORS):
        # Not its text: a database's words can quote what is stored.
        log.error("Export %s was given up: %s %s", job, type(wrong).__name__, state_of(wrong))
    else:
        log.error("Export %s was given up", job, exc_info=wrong)
    if isinstance(wrong, OSError):
        return "The server cannot write the files of exports; its operator finds why in the log"
    return f"The server failed ({type(wrong).__name__}); its operator finds why in the log"
