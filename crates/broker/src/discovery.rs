//! The metadata document.

use vestibule_jose::dpop;
use vestibule_protocol::{AuthMethod, AuthorizationServerMetadata, GrantType, Scope};

use crate::Broker;
use crate::client_auth::ALGORITHMS;
use crate::endpoints::{
    AUTHORIZE, DEVICE_AUTHORIZATION, INTROSPECT, KEYS, LOGOUT, PAR, REGISTER, REVOKE, TOKEN, USERINFO,
};
use crate::settings::Settings;

impl Broker {
    /// The metadata document, made once
    /// ([RFC 8414](https://www.rfc-editor.org/rfc/rfc8414),
    /// [OpenID Connect Discovery](https://openid.net/specs/openid-connect-discovery-1_0.html)).
    pub fn metadata(&self) -> &AuthorizationServerMetadata {
        &self.metadata
    }
}

pub(crate) fn metadata(settings: &Settings) -> AuthorizationServerMetadata {
    let issuer = &settings.issuer;
    let proving = vec![
        AuthMethod::PrivateKeyJwt,
        AuthMethod::ClientSecretBasic,
        AuthMethod::ClientSecretPost,
    ];
    // Some clients take the first that they know.
    let all_methods = [vec![AuthMethod::None], proving.clone()].concat();
    let algorithms: Vec<String> = ALGORITHMS.map(|algorithm| algorithm.as_str().to_owned()).into();
    AuthorizationServerMetadata {
        issuer: issuer.clone(),
        authorization_endpoint: issuer.endpoint(AUTHORIZE),
        pushed_authorization_request_endpoint: Some(issuer.endpoint(PAR)),
        token_endpoint: issuer.endpoint(TOKEN),
        registration_endpoint: settings.registration.enabled.then(|| issuer.endpoint(REGISTER)),
        jwks_uri: Some(issuer.endpoint(KEYS)),
        revocation_endpoint: Some(issuer.endpoint(REVOKE)),
        introspection_endpoint: Some(issuer.endpoint(INTROSPECT)),
        userinfo_endpoint: Some(issuer.endpoint(USERINFO)),
        end_session_endpoint: Some(issuer.endpoint(LOGOUT)),
        device_authorization_endpoint: settings
            .grants
            .serves(GrantType::DeviceCode)
            .then(|| issuer.endpoint(DEVICE_AUTHORIZATION)),
        scopes_supported: scopes(settings),
        response_types_supported: texts(["code"]),
        response_modes_supported: texts(["query"]),
        grant_types_supported: settings.grants.served(),
        authorization_grant_profiles_supported: if settings.grants.trusts_users() {
            texts(["urn:ietf:params:oauth:grant-profile:id-jag"])
        } else {
            Vec::new()
        },
        token_endpoint_auth_methods_supported: all_methods.clone(),
        token_endpoint_auth_signing_alg_values_supported: algorithms.clone(),
        revocation_endpoint_auth_methods_supported: all_methods,
        revocation_endpoint_auth_signing_alg_values_supported: algorithms.clone(),
        introspection_endpoint_auth_methods_supported: proving,
        introspection_endpoint_auth_signing_alg_values_supported: algorithms,
        introspection_signing_alg_values_supported: vec![settings.signing_algorithm.to_string()],
        dpop_signing_alg_values_supported: dpop::algorithm_names().map(str::to_owned).collect(),
        code_challenge_methods_supported: texts(["S256"]),
        authorization_response_iss_parameter_supported: true,
        client_id_metadata_document_supported: settings.client_documents.enabled,
        protected_resources: settings
            .resources
            .iter()
            .map(|resource| resource.uri.to_string())
            .collect(),
        subject_types_supported: texts(["public"]),
        id_token_signing_alg_values_supported: vec![settings.signing_algorithm.to_string()],
        claims_supported: texts([
            "iss",
            "sub",
            "aud",
            "exp",
            "iat",
            "auth_time",
            "nonce",
            "at_hash",
            "sid",
            "name",
            "preferred_username",
            "picture",
            "email",
            "email_verified",
        ]),
        prompt_values_supported: texts(["none", "login", "consent", "select_account"]),
        request_parameter_supported: false,
        request_uri_parameter_supported: false,
        service_documentation: None,
    }
}

/// The scopes about the user, and those of every resource.
fn scopes(settings: &Settings) -> Vec<String> {
    let mut scopes = texts([Scope::OPENID, Scope::PROFILE, Scope::EMAIL, Scope::OFFLINE_ACCESS]);
    for known in settings.resources.iter().flat_map(|resource| &resource.scopes) {
        let scope = known.scope.as_str();
        if !scopes.iter().any(|listed| listed == scope) {
            scopes.push(scope.to_owned());
        }
    }
    scopes
}

fn texts<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.map(str::to_owned).to_vec()
}
