"""Signs each request that the document says is signed, by the rules of its introduction."""

import base64
import json
import os
import re
import time
from urllib.parse import parse_qsl, quote, urlsplit

import requests
import schemathesis
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

API_KEY = os.environ["RINGSIDE_API_KEY"]
SECRET = Ed25519PrivateKey.from_private_bytes(base64.b64decode(os.environ["RINGSIDE_SECRET"]))
WINDOW = "60000"
PLAIN_NAME = re.compile("[A-Za-z][A-Za-z0-9-]*")


def written(value):
    """A value of a body as the signed text has it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return str(value)


def members(name, value):
    if isinstance(value, dict):
        return [pair for key, item in value.items() for pair in members(f"{name}[{key}]", item)]
    if isinstance(value, list):
        return [pair for at, item in enumerate(value) for pair in members(f"{name}[{at}]", item)]
    return [(name, written(value))]


def body_parameters(body):
    return [pair for key in sorted(body) for pair in members(key, body[key])]


def parameter_sets(prepared):
    """The parameters of the query or of the body, a set for each order of a batch."""
    if prepared.method == "GET":
        pairs = parse_qsl(urlsplit(prepared.url).query, keep_blank_values=True)
        return [sorted(pairs, key=lambda pair: pair[0])]
    try:
        body = json.loads(prepared.body or "null")
    except ValueError:
        return [[]]
    if isinstance(body, list):
        return [body_parameters(item) if isinstance(item, dict) else [] for item in body]
    return [body_parameters(body) if isinstance(body, dict) else []]


def signed_text(instruction, sets, timestamp):
    def encoded(text):
        return quote(text, safe="~", errors="replace")

    parts = []
    for pairs in sets:
        parts.append(f"instruction={instruction}")
        parts.extend(f"{encoded(name)}={encoded(value)}" for name, value in pairs)
    return "&".join([*parts, f"timestamp={timestamp}", f"window={WINDOW}"])


@schemathesis.hook
def map_headers(context, headers):
    """Without names that the venue's HTTP library takes for the beginning of none: it waits, and closes after 10 s."""
    plain = {name: value for name, value in (headers or {}).items() if PLAIN_NAME.fullmatch(name)}
    return type(headers)(plain) if headers else headers


@schemathesis.auth()
class Signature:
    """The library takes it away, or spoils it, where it looks whether it is needed."""

    def get(self, case, context):
        return API_KEY

    def set(self, case, data, context):
        instruction = case.operation.definition.raw.get("x-instruction")
        if instruction is None:
            return
        arguments = case.as_transport_kwargs(base_url="http://venue")
        names = ("method", "url", "params", "json", "data")
        request = requests.Request(**{name: arguments[name] for name in names if name in arguments})
        timestamp = str(int(time.time() * 1000))
        text = signed_text(instruction, parameter_sets(request.prepare()), timestamp)
        case.headers = case.headers or {}
        case.headers["X-API-Key"] = data
        case.headers["X-Signature"] = base64.b64encode(SECRET.sign(text.encode())).decode()
        case.headers["X-Timestamp"] = timestamp
        case.headers["X-Window"] = WINDOW
