//! `/oauth/logout`: ends the browser's login
//! ([OpenID Connect RP-Initiated Logout §2](https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout): GET, and POST
//! as well).
//!
//! A client that sends a browser here with an ID token of whoever is logged in ends the login at once; else the person is asked
//! first, so that no link or picture on another site signs people out. Where the provider has a login of its own in the browser,
//! and the operator does not say otherwise, the browser is sent on there, and comes back here.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use vestibule_broker::{AfterLogout, Broker, Leave, LoggedOut, Logout, WayBack, endpoints};
use vestibule_protocol::{Params, RedirectClass};

use crate::extract::{Submission, Visit};
use crate::failure::PageFailure;
use crate::page::{Onward, SignOutPage, SignedOutPage};
use crate::pages::{Pages, client_name_shown, place};
use crate::respond::{page, see_other};
use crate::same_origin::OwnOrigin;

pub(crate) async fn get(
    State(broker): State<Arc<Broker>>,
    State(pages): State<Arc<Pages>>,
    Visit { browser, params }: Visit,
) -> Result<Response, PageFailure> {
    Ok(match broker.begin_logout(&browser, &params).await? {
        Logout::Done(left) => go(&pages, &left),
        Logout::Ask(question) => page(&SignOutPage {
            frame: &pages.frame,
            form_token: &question.form_token,
            provider: question.leaves_too.as_deref(),
            back: question.back.as_ref().map(onward),
        }),
    })
}

/// The form of our own page, or that of a client's site. With the latter the browser keeps our `SameSite=Lax` cookies back: the GET
/// that it is turned into brings them along.
pub(crate) async fn post(
    State(broker): State<Arc<Broker>>,
    State(pages): State<Arc<Pages>>,
    headers: HeaderMap,
    Submission { browser, params }: Submission,
) -> Result<Response, PageFailure> {
    if is_of_client(&params) {
        return Ok(pages.asked_again(endpoints::LOGOUT, &params));
    }
    OwnOrigin::of(&broker.settings().issuer).check(&headers)?;
    Ok(go(&pages, &broker.confirm_logout(&browser, &params).await?))
}

fn is_of_client(params: &Params) -> bool {
    let asks = |name: &str| params.iter().any(|(named, _)| named == name);
    !asks("form_token") && (asks("id_token_hint") || asks("client_id") || asks("post_logout_redirect_uri"))
}

fn go(pages: &Pages, left: &LoggedOut) -> Response {
    let mut response = match &left.next {
        AfterLogout::Provider(provider) => see_other(provider.as_str()),
        AfterLogout::Client(back) if goes_by_itself(back) => see_other(&back.location()),
        AfterLogout::Client(back) => page(&SignedOutPage {
            frame: &pages.frame,
            back: Some(onward(back)),
        }),
        AfterLogout::Stay => page(&SignedOutPage {
            frame: &pages.frame,
            back: None,
        }),
    };
    pages.cookies.write(&left.cookies, &mut response);
    response
}

/// An app with a scheme of its own opens beside the browser, which would be left with a blank tab.
fn goes_by_itself(back: &WayBack) -> bool {
    match back.class() {
        RedirectClass::Https | RedirectClass::Loopback | RedirectClass::PlainHttp => {
            back.leave() == Leave::AtOnce
        }
        RedirectClass::PrivateUse | RedirectClass::OutOfBand => false,
    }
}

fn onward(back: &WayBack) -> Onward<'_> {
    Onward {
        client: client_name_shown(back.client().name()),
        place: place(back.class(), &back.host()).unwrap_or_default(),
        location: back.location(),
        client_id: back.client().id().as_str(),
        uri: back.uri(),
        state: back.state(),
    }
}
