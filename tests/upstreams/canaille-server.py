"""The real Canaille, set up as the JSON in the first argument says.

port, folder           where it listens and what it keeps its files in
client_id, client_secret, redirect_uri, post_logout_redirect_uri
keyed_client_id        a second client, known by an EC key whose private half is client.pem in the folder
users                  [{"username", "password"}]

Its issuer is http://127.0.0.1:PORT. It signs as its first key says, RS512 included.
"""

import asyncio
import json
import sys

from asgiref.wsgi import WsgiToAsgi
from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from hypercorn.asyncio import serve
from hypercorn.config import Config
from joserfc.jwk import ECKey, RSAKey

settings = json.loads(sys.argv[1])
address = f"127.0.0.1:{settings['port']}"
app = create_app(
    {
        "SECRET_KEY": "a key for the cookies of a test",
        "SERVER_NAME": address,
        "PREFERRED_URL_SCHEME": "http",
        "CANAILLE": {"DATABASE": "sql", "ENABLE_REGISTRATION": False, "JAVASCRIPT": False},
        "CANAILLE_SQL": {"DATABASE_URI": f"sqlite:///{settings['folder']}/canaille.db"},
        "CANAILLE_OIDC": {"ACTIVE_JWKS": [RSAKey.generate_key(2048).as_dict(private=True)]},
    }
)

with app.app_context():
    backend = Backend.instance
    backend.install(app)
    with backend.session():
        for user in settings["users"]:
            name = user["username"]
            backend.save(
                models.User(
                    user_name=name,
                    password=user["password"],
                    formatted_name=f"{name} upstream",
                    family_name="upstream",
                    emails=[f"{name}@upstream.example"],
                )
            )
        key = ECKey.generate_key("P-256")
        with open(f"{settings['folder']}/client.pem", "wb") as pem:
            pem.write(key.as_pem(private=True))
        common = dict(
            client_name="The broker",
            client_uri="http://127.0.0.1",
            redirect_uris=[settings["redirect_uri"]],
            post_logout_redirect_uris=[settings["post_logout_redirect_uri"]],
            grant_types=["authorization_code", "refresh_token"],
            response_types=["code"],
            scope=["openid", "profile", "email", "offline_access"],
        )
        by_secret = models.Client(
            client_id=settings["client_id"],
            client_secret=settings["client_secret"],
            token_endpoint_auth_method="client_secret_basic",
            **common,
        )
        by_key = models.Client(
            client_id=settings["keyed_client_id"],
            jwks=json.dumps({"keys": [key.as_dict(private=False)]}),
            token_endpoint_auth_method="private_key_jwt",
            **common,
        )
        for client in (by_secret, by_key):
            backend.save(client)
            # Without itself among its audiences it gets ID tokens for nobody.
            client.audience = [client]
            backend.save(client)

config = Config()
config.bind = [address]


async def run():
    """Serves until it is killed."""
    serving = asyncio.ensure_future(serve(WsgiToAsgi(app), config))
    await asyncio.sleep(0)
    print("ready", flush=True)
    await serving


asyncio.run(run())
