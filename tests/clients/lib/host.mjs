// An application that embeds an MCP SDK: it keeps what the SDK tells it to, and sends its person to the broker.

/** The SDKs' `OAuthClientProvider`, which both lines of them define alike. */
export class Host {
  redirectUrl = 'http://127.0.0.1:41789/callback';
  visits = 0;

  /** `grantTypes` are what the host registers; `scopes` are those that the person leaves ticked. */
  constructor(person, { grantTypes = ['authorization_code', 'refresh_token'], scopes } = {}) {
    this.person = person;
    this.scopes = scopes;
    this.clientMetadata = {
      client_name: 'A host',
      redirect_uris: [this.redirectUrl],
      grant_types: grantTypes,
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    };
  }

  state() {
    return (this.sentState = crypto.randomUUID());
  }

  async redirectToAuthorization(url) {
    this.visits += 1;
    this.callback = new URL(await this.person.allow(url.href, this.scopes)).searchParams;
    if (this.callback.get('state') !== this.sentState) throw new Error('the callback is not for this request');
  }

  clientInformation = () => this.client;
  saveClientInformation = (client) => void (this.client = client);
  tokens = () => this.kept;
  saveTokens = (tokens) => void (this.kept = tokens);
  codeVerifier = () => this.verifier;
  saveCodeVerifier = (verifier) => void (this.verifier = verifier);
  discoveryState = () => this.discovery;
  saveDiscoveryState = (discovery) => void (this.discovery = discovery);
}
