"""The official Python SDK: discovery, registration, login, consent, a call, a refresh, a step-up."""

import asyncio
import contextlib
import os
import pathlib
import sys
import time
from urllib.parse import parse_qs, urlsplit

from mcp import Client
from mcp.client.auth import OAuthClientProvider, TokenStorage
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken

ISSUER = os.environ["ISSUER"]
MCP_URL = os.environ["MCP_URL"]
HERE = pathlib.Path(__file__).parent
NODE = os.environ["NODE"]


class Host(TokenStorage):
    """An application that keeps what the SDK tells it to, and sends its person to the broker."""

    def __init__(self, credentials: str, scopes: tuple[str, ...] = (), auth_method: str | None = None):
        self.credentials = credentials
        self.scopes = scopes
        self.visits = 0
        self.tokens: OAuthToken | None = None
        self.client: OAuthClientInformationFull | None = None
        self.auth = OAuthClientProvider(
            MCP_URL,
            OAuthClientMetadata(
                client_name="A host in Python",
                redirect_uris=["http://127.0.0.1:41790/callback"],
                token_endpoint_auth_method=auth_method,
            ),
            storage=self,
            redirect_handler=self.redirect,
            callback_handler=self.callback,
        )

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client_info):
        self.client = client_info

    async def redirect(self, url: str):
        """Lets the person of lib/person.mjs log in and decide."""
        self.visits += 1
        person = await asyncio.create_subprocess_exec(
            NODE, HERE / "lib/person.mjs", url, self.credentials, *self.scopes, stdout=asyncio.subprocess.PIPE
        )
        printed, _ = await person.communicate()
        if person.returncode != 0:
            sys.exit("the person did not come back")
        self.redirected = printed.decode().strip()

    async def callback(self) -> AuthorizationCodeResult:
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.redirected).query).items()}
        return AuthorizationCodeResult.model_validate(query)

    @contextlib.asynccontextmanager
    async def connected(self):
        async with create_mcp_http_client(auth=self.auth) as http:
            async with Client(streamable_http_client(MCP_URL, http_client=http)) as client:
                yield client


async def main():
    host = Host("testuser:testpass")
    async with host.connected() as client:
        assert str(host.auth.context.oauth_metadata.issuer) == ISSUER
        shown("discovers the broker from the challenge")
        assert host.client.client_id and host.client.client_secret
        shown("registers itself, with a secret")
        assert host.visits == 1 and host.tokens.refresh_token
        shown("gets tokens after login and consent")

        names = [tool.name for tool in (await client.list_tools()).tools]
        assert "get_user_profile" in names, names
        profile = await client.call_tool("get_user_profile", {})
        assert not profile.is_error and "testuser" in str(profile.content), profile
        shown("calls a tool as the person who logged in")
        heard = []

        async def hear(progress, _total, _message):
            heard.append(progress)

        counted = await client.call_tool("countdown", {"from": 3, "interval_ms": 10}, progress_callback=hear)
        assert not counted.is_error and len(heard) >= 3, (counted, heard)
        shown("hears the progress of a tool")

        before = host.tokens
        host.auth.context.token_expiry_time = time.time() - 1
        await client.call_tool("read_data", {})
        assert host.visits == 1, "nobody had to log in again"
        assert host.tokens.refresh_token != before.refresh_token
        assert host.tokens.scope == before.scope
        shown("refreshes by itself")

    reader = Host("testuser:testpass", ("mcp:read",), "none")
    async with reader.connected() as client:
        assert reader.tokens.scope == "mcp:read" and not reader.client.client_secret
        await client.call_tool("read_data", {})
        reader.scopes = ()
        written = await client.call_tool("write_data", {"data": "a line"})
        assert not written.is_error, written
        assert reader.visits == 2
        assert "mcp:write" in reader.tokens.scope.split(), reader.tokens
        shown("steps up when a tool needs more")


def shown(what: str):
    print(f"ok - {what}", flush=True)


asyncio.run(main())
