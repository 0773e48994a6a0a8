"""Authlib as a client that proves itself, with each algorithm that the broker names."""

import os
import time

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.jwk import ECKey, OKPKey, RSAKey

ISSUER = os.environ["ISSUER"]
MCP_URL = os.environ["MCP_URL"]
server = requests.get(f"{ISSUER}/.well-known/oauth-authorization-server").json()
REQUEST = {
    "response_type": "code",
    "redirect_uri": "http://127.0.0.1/callback",
    "scope": "mcp:read",
    "resource": MCP_URL,
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}


def enrol(key) -> str:
    metadata = {
        "client_name": "A test with Authlib",
        "redirect_uris": [REQUEST["redirect_uri"]],
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": [key.as_dict(private=False)]},
    }
    answer = requests.post(server["registration_endpoint"], json=metadata)
    assert answer.status_code == 201, answer.text
    return answer.json()["client_id"]


def push(client_id: str, key, alg: str, lifetime: int, audience: str = ISSUER) -> requests.Response:
    session = OAuth2Session(client_id, key, token_endpoint_auth_method="private_key_jwt")
    claims = {"exp": int(time.time()) + lifetime}
    session.register_client_auth_method(PrivateKeyJWT(audience, claims=claims, alg=alg))
    return session.post(
        server["pushed_authorization_request_endpoint"],
        data=REQUEST,
        auth=session.client_auth("private_key_jwt"),
        withhold_token=True,
    )


rsa = RSAKey.generate_key(2048)
keys = {"RS256": rsa, "PS256": rsa, "ES256": ECKey.generate_key("P-256"), "EdDSA": OKPKey.generate_key("Ed25519")}
assert set(keys) == set(server["token_endpoint_auth_signing_alg_values_supported"])
# Its newer name (RFC 9864).
keys["Ed25519"] = keys["EdDSA"]
for alg, key in keys.items():
    client_id = enrol(key)
    answer = push(client_id, key, alg, lifetime=60)
    assert answer.status_code == 201, (alg, answer.text)
    print(f"ok - Authlib proves a client with {alg}")

for refused in (
    push(client_id, key, alg, lifetime=3600),
    push(client_id, key, alg, lifetime=60, audience=server["token_endpoint"]),
    push(client_id, OKPKey.generate_key("Ed25519"), alg, lifetime=60),
):
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client"), refused.text
print("ok - is nobody for an hour, for another audience or with another key")
