"""PyJWT: a verifier that has nothing but the address of the keys."""

import os
import sys

import jwt

ISSUER = os.environ["ISSUER"]
MCP_URL = os.environ["MCP_URL"]
ACCESS_TOKEN, ID_TOKEN, CLIENT_ID = sys.argv[1:]

keys = jwt.PyJWKClient(f"{ISSUER}/oauth/keys")


def verify(token: str, audience: str) -> dict:
    key = keys.get_signing_key_from_jwt(token)
    required = ["iss", "aud", "exp", "sub"]
    return jwt.decode(token, key, algorithms=["ES256"], audience=audience, issuer=ISSUER, options={"require": required})


claims = verify(ACCESS_TOKEN, MCP_URL)
assert claims["client_id"] == CLIENT_ID, claims
print("ok - verifies an access token")

assert verify(ID_TOKEN, CLIENT_ID)["sub"] == claims["sub"]
print("ok - verifies an ID token")

try:
    verify(ACCESS_TOKEN, CLIENT_ID)
except jwt.InvalidAudienceError:
    print("ok - refuses the wrong audience")
