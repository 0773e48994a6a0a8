//! `/oauth/status/{n}`: a Token Status List
//! ([draft-ietf-oauth-status-list](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-status-list)).

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use http::HeaderValue;
use vestibule_broker::Broker;

use crate::caller::Caller;
use crate::failure::{ApiFailure, Refusal};
use crate::respond::{Cached, IfNoneMatch, cache_control, etag};
use crate::route::lost;

pub(crate) async fn get(
    State(broker): State<Arc<Broker>>,
    Caller(caller): Caller,
    Path(list): Path<String>,
    held: IfNoneMatch,
) -> Result<Response, ApiFailure> {
    broker.admit_reader(caller).map_err(Refusal::from)?;
    let Ok(list) = list.parse::<u64>() else {
        return Ok(lost::not_found().await);
    };
    let Some(published) = broker.status_list(list).await? else {
        return Ok(lost::not_found().await);
    };
    let document = Cached {
        body: published.jwt.clone(),
        content_type: HeaderValue::from_static("application/statuslist+jwt"),
        cache_control: cache_control(published.max_age),
        etag: etag(&published.etag),
    };
    Ok(document.answer(&held))
}
