"""What granian runs in each process of `kommunalpro serve`: the porch, and behind it the FHIR server and the pages."""

import os

from django.conf import settings

from kommunalpro.config import metrics
from kommunalpro.config.porch import Porch
from kommunalpro.config.running import THREADS, end_with, server_process
from kommunalpro.config.wsgi import application

end_with(server_process())
app = Porch(
    application,
    threads=int(os.environ[THREADS]),
    waiting=settings.WAITING,
    seconds=settings.REQUEST_SECONDS,
    limit=settings.REQUEST_LIMIT,
    behind_proxy=settings.BEHIND_PROXY,
    rejected=metrics.observe_rejection,
)
