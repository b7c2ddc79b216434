"""Entries of Bundles, as a client writes them."""

from base64 import b64encode

from kommunalpro.fhir.json import dumps
from kommunalpro.fhirserver.http.batch import batch
from kommunalpro.fut.contexts import SYSTEM

PLAN, REQUEST = "urn:uuid:11111111-1111-4111-8111-111111111111", "urn:uuid:22222222-2222-4222-8222-222222222222"


def post(resource, full_url=None):
    entry = {"resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}}
    return {"fullUrl": full_url, **entry} if full_url else entry


def put(resource, if_match=None):
    request = {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"}
    return {"resource": resource, "request": {**request, **({"ifMatch": if_match} if if_match else {})}}


def delete(key):
    return {"request": {"method": "DELETE", "url": key}}


def get(url):
    return {"request": {"method": "GET", "url": url}}


def patch(url, *operations, if_match=None):
    data = b64encode(dumps(list(operations))).decode()
    binary = {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": data}
    return {
        "resource": binary,
        "request": {"method": "PATCH", "url": url, **({"ifMatch": if_match} if if_match else {})},
    }


def run_batch(store, *entries, by=SYSTEM):
    with store.as_(by) as session:
        return batch(session, {"resourceType": "Bundle", "type": "batch", "entry": list(entries)})["entry"]
