//! From the broker's answers to pages and redirects.

use std::sync::Arc;
use std::time::Duration;

use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use url::form_urlencoded;
use vestibule_broker::{
    AnswerPlace, ClientRedirect, ClientView, ConsentView, Departure, DeviceOutcome, Interaction, Next,
    Origin, ProviderView, ResourceView, ScopeView, Turn,
};
use vestibule_protocol::{Params, RedirectClass};
use vestibule_provider::Script;

use crate::failure::Fault;
use crate::page::{
    Asking, Choice, ChooserPage, ClosingPage, CodePage, ConsentPage, DeviceDonePage, DevicePage, Frame,
    LoginPage, ResourceScopes, ScopeLine, ScriptPage, TurnedAwayPage, initial, shown,
};
use crate::respond::{Cookies, ScriptPolicy, page, page_with, script_page, see_other};
use crate::scripts::Scripts;

/// What every page handler needs to answer.
#[derive(Debug)]
pub(crate) struct Pages {
    pub(crate) frame: Arc<Frame>,
    pub(crate) cookies: Arc<Cookies>,
    pub(crate) scripts: Scripts,
    /// The issuer's path, with which every address here begins.
    pub(crate) base: String,
    /// How long a code that is shown lives.
    pub(crate) shown_code: Duration,
}

impl Pages {
    /// Sends the browser where the broker says.
    pub(crate) fn turn(&self, turn: Turn) -> Response {
        let mut response = match turn.next {
            Next::Interact { ticket } => see_other(&self.interaction_path(ticket.expose())),
            Next::Upstream(url) => see_other(url.as_str()),
            Next::Client(redirect) => self.to_client(&redirect),
            Next::Device { client_name, outcome } => self.device_done(&client_name, &outcome),
            Next::ShowCode { code, client_name } => {
                let minutes = self.shown_code.as_secs().div_ceil(60);
                let client = client_name_shown(&client_name);
                page(&CodePage {
                    frame: &self.frame,
                    client,
                    code: code.expose(),
                    minutes,
                })
            }
        };
        self.cookies.write(&turn.cookies, &mut response);
        response
    }

    /// The address of the walk's page.
    pub(crate) fn interaction_path(&self, ticket: &str) -> String {
        let ticket: String = form_urlencoded::byte_serialize(ticket.as_bytes()).collect();
        format!("{}/oauth/interaction/{ticket}", self.base)
    }

    /// Has the browser ask again with a GET, with which it sends the cookies that it keeps back from another site's form.
    pub(crate) fn asked_again(&self, path: &str, params: &Params) -> Response {
        see_other(&self.address(path, params))
    }

    /// The address that asks with these parameters.
    pub(crate) fn address(&self, path: &str, params: &Params) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(params.iter())
            .finish();
        format!("{}{path}?{query}", self.base)
    }

    /// Sends the browser back to the client.
    ///
    /// An app with a scheme of its own opens beside the browser: a silent redirect would leave a blank tab behind.
    pub(crate) fn to_client(&self, redirect: &ClientRedirect) -> Response {
        if let Departure::WhenAsked { code, reason, host } = &redirect.departure {
            let page = TurnedAwayPage {
                frame: &self.frame,
                client: client_name_shown(&redirect.client_name),
                code: code.as_str(),
                reason,
                place: place(redirect.class, host),
                location: &redirect.location,
            };
            return page_with(StatusCode::BAD_REQUEST, &page);
        }
        match redirect.class {
            RedirectClass::Https | RedirectClass::Loopback | RedirectClass::PlainHttp => {
                see_other(&redirect.location)
            }
            RedirectClass::PrivateUse => self.closing(redirect, Some(&redirect.location)),
            RedirectClass::OutOfBand => self.closing(redirect, None),
        }
    }

    fn closing(&self, redirect: &ClientRedirect, location: Option<&str>) -> Response {
        page(&ClosingPage {
            frame: &self.frame,
            client: client_name_shown(&redirect.client_name),
            location,
            is_error: redirect.is_error,
        })
    }

    /// Shows what the user has to do.
    pub(crate) fn interaction(&self, interaction: Interaction) -> Response {
        let frame = &self.frame;
        match interaction {
            Interaction::Choose { client, providers } => page(&ChooserPage {
                frame,
                client: client_name_shown(&client.name),
                device: device(&client),
                providers: providers.iter().map(choice).collect(),
            }),
            Interaction::Ask {
                client,
                provider,
                form,
                others,
            } => page(&LoginPage {
                others,
                device: device(&client),
                ..LoginPage::new(frame, client_name_shown(&client.name), &provider.name, &form)
            }),
            Interaction::Run {
                client,
                provider,
                script,
                others,
            } => match self.script_policy(&provider, &script) {
                Ok((address, policy)) => {
                    let name = client_name_shown(&client.name);
                    let mut template = ScriptPage::new(frame, name, &provider.name, address, &script);
                    template.device = device(&client);
                    template.others = others;
                    script_page(&template, policy)
                }
                Err(fault) => fault.into_response(),
            },
            Interaction::Consent(view) => page(&consent(frame, *view)),
            Interaction::Upstream(url) => see_other(url.as_str()),
        }
    }

    /// The address of the page for the code of a device.
    pub(crate) fn device_path(&self) -> String {
        self.frame.device.clone()
    }

    /// Asks for the code that a device shows.
    pub(crate) fn device_entry(&self, status: StatusCode, typed: &str, problem: Option<&str>) -> Response {
        let frame = &self.frame;
        let typed = shown(typed);
        page_with(
            status,
            &DevicePage {
                frame,
                typed,
                problem,
            },
        )
    }

    fn device_done(&self, client_name: &str, outcome: &DeviceOutcome) -> Response {
        let (approved, reason) = match outcome {
            DeviceOutcome::Approved => (true, None),
            DeviceOutcome::Denied => (false, None),
            DeviceOutcome::Refused(reason) => (false, Some(reason.as_str())),
        };
        page(&DeviceDonePage {
            frame: &self.frame,
            client: client_name_shown(client_name),
            approved,
            reason,
        })
    }

    /// Where a provider's script is, and what it may do; one that asks for what cannot be given is the provider's mistake.
    fn script_policy(&self, provider: &ProviderView, script: &Script) -> Result<(&str, ScriptPolicy), Fault> {
        let address = self.scripts.address(&provider.id, &script.asset).ok_or_else(|| {
            Fault::broken(format!(
                "the provider {} has no asset {:?}",
                provider.id, script.asset
            ))
        })?;
        let policy = ScriptPolicy::of(script)
            .map_err(|error| Fault::broken(format!("the provider {}: {error}", provider.id)))?;
        Ok((address, policy))
    }
}

fn choice(provider: &ProviderView) -> Choice<'_> {
    Choice {
        id: provider.id.as_str(),
        name: &provider.name,
        initial: initial(&provider.name),
    }
}

fn consent(frame: &Frame, view: ConsentView) -> ConsentPage<'_> {
    let resources: Vec<ResourceScopes> = view.resources.into_iter().map(resource_scopes).collect();
    let target = match resources.as_slice() {
        [only] => only.name.clone(),
        several => format!("{} servers", several.len()),
    };
    ConsentPage {
        frame,
        client: asking(&view.client),
        target_initial: initial(&target),
        target,
        user: shown(&view.user),
        user_detail: view.user_detail.as_deref().map(shown),
        provider: view.provider.name,
        resources,
        identity_scopes: view.identity_scopes.into_iter().map(scope_line).collect(),
        agreed: view.agreed,
        withheld: view.withheld,
        remembers: view.remembers,
    }
}

/// The code that the asking device shows, if a device asks.
fn device(client: &ClientView) -> Option<String> {
    match &client.answer {
        AnswerPlace::Redirect { .. } => None,
        AnswerPlace::Device { user_code } => Some(user_code.as_str().to_owned()),
    }
}

fn asking(client: &ClientView) -> Asking {
    let name = client_name_shown(&client.name);
    let (redirect_host, warning) = match &client.answer {
        AnswerPlace::Redirect { host, class } => (answer_goes_to(*class, host), warning(*class)),
        AnswerPlace::Device { user_code } => (format!("the device that shows {}", user_code.as_str()), None),
    };
    Asking {
        initial: initial(&name),
        name,
        origin: match client.origin {
            Origin::Operator => "set up by the operator of this service",
            Origin::ItselfRegistered => "registered itself; nobody has checked its name",
            Origin::Document => "says so itself; nobody has checked its name",
        },
        document_host: client.document_host.as_deref().map(shown),
        redirect_host,
        warning,
        device: device(client),
    }
}

fn answer_goes_to(class: RedirectClass, host: &str) -> String {
    match class {
        RedirectClass::Https | RedirectClass::PlainHttp => shown(host),
        RedirectClass::Loopback => format!("{} (this computer)", shown(host)),
        RedirectClass::PrivateUse => format!("the app that opens {} links", shown(host)),
        RedirectClass::OutOfBand => "this page: you copy a code by hand".to_owned(),
    }
}

fn warning(class: RedirectClass) -> Option<&'static str> {
    match class {
        RedirectClass::Loopback => Some(
            "The answer goes to a program on this computer. Go on only if you have just started it yourself.",
        ),
        RedirectClass::PrivateUse => Some(
            "The answer goes to an app on this device. Go on only if you have just come from it yourself.",
        ),
        RedirectClass::OutOfBand => Some(
            "You will be shown a code. Go on only if you started this yourself, and give the code to nobody.",
        ),
        RedirectClass::PlainHttp => {
            Some("The answer goes there unencrypted: others on the way could read it.")
        }
        RedirectClass::Https => None,
    }
}

/// Where a link leads, in words; none where there is nowhere to go.
pub(crate) fn place(class: RedirectClass, host: &str) -> Option<String> {
    match class {
        RedirectClass::Https | RedirectClass::PlainHttp | RedirectClass::Loopback => Some(shown(host)),
        RedirectClass::PrivateUse => Some(format!("the app that opens {} links", shown(host))),
        RedirectClass::OutOfBand => None,
    }
}

fn resource_scopes(resource: ResourceView) -> ResourceScopes {
    let host = resource
        .uri
        .split_once("://")
        .map_or(resource.uri.as_str(), |(_, rest)| rest);
    ResourceScopes {
        host: host.to_owned(),
        name: resource.name,
        scopes: resource.scopes.into_iter().map(scope_line).collect(),
    }
}

fn scope_line(scope: ScopeView) -> ScopeLine {
    ScopeLine {
        scope: scope.scope.to_string(),
        text: scope.text,
        includes: scope.includes.join(" · "),
        required: scope.required,
    }
}

/// What a page calls a client whose name is its own invention.
pub(crate) fn client_name_shown(name: &str) -> String {
    let name = shown(name);
    if name.is_empty() {
        "An app without a name".to_owned()
    } else {
        name
    }
}
