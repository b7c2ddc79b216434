"""Logs as the national infrastructure wants them: one JSON object a line on stdout, and never a CPR number."""

import logging
from datetime import UTC, datetime

from kommunalpro.fhir.cpr_in_text import mask_cpr
from kommunalpro.fhir.json import dumps
from kommunalpro.fhirserver.http.trace import current_trace_id

# A line tells nothing of where in the code, in which thread or process it was written: so nobody finds it out, which
# takes longer than to write the line (Python's Logging HOWTO, "Optimization").
logging._srcfile = None
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


class JsonFormatter(logging.Formatter):
    """Formats a record as {time, app, body, id, severity, subject, type}; `id` is the request's trace id.

    The last door before the log: whatever message, argument or traceback says, CPR numbers are masked here.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Give the line."""
        body = record.getMessage()
        if record.exc_info:
            body = f"{body}\n{self.formatException(record.exc_info)}"
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "app": "kommunalpro",
            "severity": record.levelname,
            "type": record.name,
            "id": current_trace_id(),
            "subject": str(getattr(record, "subject", "")),
            "body": mask_cpr(body),
        }
        return dumps(line).decode()
