"""The citizen's pages, below /borger/. Addresses hold opaque ids; whose they are is checked on every request."""

from django.urls import path, re_path

from kommunalpro.web.citizen.views import about, discard, earlier, overview, plans, receipt, review, topic
from kommunalpro.web.shared.material import MATERIAL

app_name = "citizen"

urlpatterns = [
    path("", overview.show, name="overview"),
    path("begynd/<str:key>/", overview.begin, name="begin"),
    path("saadan-bruger-vi-dine-svar/", about.show, name="about"),
    path("maal-og-materiale/", plans.show, name="plans"),
    re_path(f"^materiale/{MATERIAL}/$", plans.material, name="material"),
    path("tidligere/", earlier.show_all, name="earlier"),
    path("tidligere/<uuid:response>/", earlier.show, name="earlier-response"),
    path("svar/<uuid:draft>/", topic.resume, name="resume"),
    path("svar/<uuid:draft>/emne/<int:number>/", topic.show, name="topic"),
    path("svar/<uuid:draft>/emne/<int:number>/del/<int:part>/", topic.show, name="part"),
    path("svar/<uuid:draft>/gennemse/", review.show, name="review"),
    path("svar/<uuid:draft>/send/", review.submit, name="submit"),
    path("svar/<uuid:draft>/kvittering/", receipt.show, name="receipt"),
    path("svar/<uuid:draft>/kasser/", discard.show, name="discard"),
]
