"""PyJWT and cryptography as a prover of keys (RFC 9449), with nothing of ours."""

import base64
import hashlib
import json
import os
import secrets
import subprocess
import time
import uuid
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import Request, urlopen

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

ISSUER = os.environ["ISSUER"]
MCP_URL = os.environ["MCP_URL"]
CALLBACK = "http://127.0.0.1:41793/callback"


def send(url, body, headers):
    try:
        answer = urlopen(Request(url, data=body, headers=headers, method="POST"))
    except HTTPError as refused:
        answer = refused
    return answer.status, answer.headers, answer.read().decode()


def digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


class Prover:
    def __init__(self, alg, key, algorithm):
        self.alg, self.key, self.nonces = alg, key, {}
        self.jwk = algorithm.to_jwk(key.public_key(), as_dict=True)
        self.jwk.pop("key_ops", None)

    def proof(self, url, token=None, **changes):
        claims = {"jti": str(uuid.uuid4()), "htm": "POST", "htu": url, "iat": int(time.time())}
        if token:
            claims["ath"] = digest(token.encode())
        origin = urlsplit(url).netloc
        if origin in self.nonces:
            claims["nonce"] = self.nonces[origin]
        header = {"typ": "dpop+jwt", "jwk": self.jwk}
        return jwt.encode(claims | changes, self.key, algorithm=self.alg, headers=header)

    def post(self, url, body, headers=None, token=None):
        """Sends with a proof, and once more with the nonce if the server asks for one."""
        headers = dict(headers or {})
        if token:
            headers["authorization"] = f"DPoP {token}"
        for _ in range(2):
            status, answered, text = send(url, body, headers | {"dpop": self.proof(url, token)})
            if nonce := answered.get("dpop-nonce"):
                self.nonces[urlsplit(url).netloc] = nonce
            asked = "use_dpop_nonce" in text and status in (400, 401)
            if not asked:
                break
        return status, answered, text


def register():
    metadata = {"client_name": "A prover", "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none"}
    status, _, text = send(f"{ISSUER}/oauth/register", json.dumps(metadata).encode(), {"content-type": "application/json"})
    assert status == 201, text
    return json.loads(text)["client_id"]


def log_in(client_id, verifier):
    query = urlencode({
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": CALLBACK,
        "scope": "mcp:read",
        "resource": MCP_URL,
        "code_challenge": digest(verifier.encode()),
        "code_challenge_method": "S256",
    })
    person = [os.environ["NODE"], "lib/person.mjs", f"{ISSUER}/oauth/authorize?{query}", "alice:password123"]
    redirect = subprocess.run(person, check=True, capture_output=True, text=True).stdout.strip()
    return parse_qs(urlsplit(redirect).query)["code"][0]


INITIALIZE = json.dumps({
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "A prover", "version": "1"}},
}).encode()
AS_MCP = {"content-type": "application/json", "accept": "application/json, text/event-stream"}

client_id = register()
for prover in [
    Prover("ES384", ec.generate_private_key(ec.SECP384R1()), ECAlgorithm),
    Prover("PS256", rsa.generate_private_key(65537, 2048), RSAAlgorithm),
    Prover("EdDSA", ed25519.Ed25519PrivateKey.generate(), OKPAlgorithm),
]:
    verifier = secrets.token_urlsafe(48)
    form = {
        "grant_type": "authorization_code",
        "client_id": client_id,
        "code": log_in(client_id, verifier),
        "redirect_uri": CALLBACK,
        "code_verifier": verifier,
    }
    body = urlencode(form).encode()
    form_type = {"content-type": "application/x-www-form-urlencoded"}
    status, _, text = prover.post(f"{ISSUER}/oauth/token", body, form_type)
    tokens = json.loads(text)
    assert (status, tokens.get("token_type")) == (200, "DPoP"), text
    token = tokens["access_token"]
    status, _, text = prover.post(MCP_URL, INITIALIZE, AS_MCP, token)
    assert status == 200, text

    authorized = AS_MCP | {"authorization": f"DPoP {token}"}
    once = prover.proof(MCP_URL, token)
    assert send(MCP_URL, INITIALIZE, authorized | {"dpop": once})[0] == 200
    for refused in [
        once,
        prover.proof(f"{ISSUER}/oauth/token", token),
        prover.proof(MCP_URL, token, htm="GET"),
        prover.proof(MCP_URL, token, iat=int(time.time()) - 3600),
        prover.proof(MCP_URL),
    ]:
        status, headers, text = send(MCP_URL, INITIALIZE, authorized | {"dpop": refused})
        assert (status, json.loads(text)["error"]) == (401, "invalid_dpop_proof"), text
        assert headers["www-authenticate"].startswith("DPoP "), headers
    print(f"ok - proves its {prover.alg} key, once with each proof")
