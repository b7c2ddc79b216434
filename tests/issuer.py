"""An identity provider that is not ours, on a loopback port: discovery, keys, and tokens signed by them.

with ForeignIssuer.started() as issuer:
    issuer.rotate("newer")
    token = issuer.sign(user_id=…)
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

Answer = tuple[int, dict[str, str], bytes]
DISCOVERY = "/.well-known/openid-configuration"


@dataclass
class ForeignIssuer:
    """`asked` are the paths that were asked for, `posted` the forms that came; `pages` answers them.

    `is_up` False: it has its own trouble.
    """

    url: str
    keys: dict[str, RSAPrivateKey] = field(default_factory=dict, repr=False)
    asked: list[str] = field(default_factory=list)
    posted: list[str] = field(default_factory=list)
    pages: dict[str, Callable[[], Answer]] = field(default_factory=dict)
    is_up: bool = True

    @classmethod
    @contextmanager
    def started(cls) -> Iterator["ForeignIssuer"]:
        """Serve until the block ends."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        server.daemon_threads = True
        issuer = cls(f"http://127.0.0.1:{server.server_port}")
        issuer.pages = {DISCOVERY: issuer._discovery, "/keys": issuer._keys}
        issuer.rotate("first")
        _Handler.issuers[server.server_port] = issuer
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
            del _Handler.issuers[server.server_port]

    def rotate(self, kid: str) -> None:
        """Sign with a new key from now on, and show no other."""
        self.keys = {kid: generate_private_key(65537, 2048)}

    def sign(self, **claims: Any) -> str:
        """Sign a token for five minutes; claims are changed or added."""
        [(kid, key)] = self.keys.items()
        now = int(time.time())
        usual = {"iss": self.url, "aud": "account", "iat": now, "exp": now + 300}
        return jwt.encode(usual | claims, key, algorithm="RS256", headers={"kid": kid})

    def _discovery(self) -> Answer:
        return _json({"issuer": self.url, "jwks_uri": f"{self.url}/keys"})

    def _keys(self) -> Answer:
        shown = [
            RSAAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": kid, "use": "sig", "alg": "RS256"}
            for kid, key in self.keys.items()
        ]
        return _json({"keys": shown})


class _Handler(BaseHTTPRequestHandler):
    issuers: dict[int, ForeignIssuer] = {}

    def do_POST(self) -> None:
        self._issuer.posted.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.do_GET()

    @property
    def _issuer(self) -> ForeignIssuer:
        return self.issuers[self.server.server_port]  # type: ignore[attr-defined]  # an HTTPServer has it

    def do_GET(self) -> None:
        issuer = self._issuer
        issuer.asked.append(self.path)
        status, headers, body = issuer.pages[self.path]() if issuer.is_up else (503, {}, b"")
        try:
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            pass  # who asked has gone

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def _json(content: Any) -> Answer:
    return 200, {"Content-Type": "application/json"}, json.dumps(content).encode()
