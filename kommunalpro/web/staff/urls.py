"""The pages of staff, below /medarbejder/."""

from django.urls import path, re_path

from kommunalpro.web.shared.material import MATERIAL
from kommunalpro.web.staff.views import (
    citizen,
    material,
    measurement,
    over_time,
    response,
    sending,
    task,
    withdrawing,
    worklist,
)

app_name = "staff"

urlpatterns = [
    path("", worklist.show, name="worklist"),
    path("borgere/find/", citizen.find, name="citizen-find"),
    path("borgere/<uuid:patient>/", citizen.show, name="citizen"),
    re_path(f"^materiale/{MATERIAL}/$", material.show, name="material"),
    path("borgere/<uuid:patient>/forloeb/", citizen.open_episode, name="episode-open"),
    path("borgere/<uuid:patient>/forloeb/<uuid:episode>/begynd/", citizen.begin_episode, name="episode-begin"),
    path("borgere/<uuid:patient>/forloeb/<uuid:episode>/genoptag/", citizen.resume_episode, name="episode-resume"),
    path("borgere/<uuid:patient>/forloeb/<uuid:episode>/send/", sending.send, name="send"),
    path(
        "borgere/<uuid:patient>/forloeb/<uuid:episode>/sendt/<uuid:plan>/traek-tilbage/",
        withdrawing.withdraw,
        name="withdraw",
    ),
    path("borgere/<uuid:patient>/maaling/<slug:kind>/<uuid:measurement>/", measurement.show, name="measurement"),
    path("borgere/<uuid:patient>/opgave/afslut/", task.settle, name="task-settle"),
    path("borgere/<uuid:patient>/over-tid/", over_time.show, name="over-time"),
    path("borgere/<uuid:patient>/svar/<uuid:response>/", response.show, name="response"),
    path("borgere/<uuid:patient>/svar/<uuid:response>/resume/", response.summary, name="summary"),
    path("borgere/<uuid:patient>/svar/<uuid:response>/opgave/tag/", task.take, name="task-take"),
    path("borgere/<uuid:patient>/svar/<uuid:response>/opgave/afgiv/", task.release, name="task-release"),
    path("borgere/<uuid:patient>/svar/<uuid:response>/opgave/afslut/", task.complete, name="task-complete"),
]
