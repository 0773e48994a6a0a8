//! The laws of every provider that concern one without an upstream.

use std::sync::Arc;

use async_trait::async_trait;
use vestibule_protocol::Secret;
use vestibule_provider::{LoginStep, Provider, Reply};
use vestibule_provider_local::{LocalProvider, Password};
use vestibule_provider_testkit::{Bench, Upstream, chapter, form_laws, sample};

use crate::{fields, id, user};

struct List;

#[async_trait]
impl Bench for List {
    async fn provider(&self, _: &Upstream) -> Arc<dyn Provider> {
        let ada = user("ada", Password::plain(Secret::new(sample::PASSWORD)));
        Arc::new(LocalProvider::new(id(), "Local".to_owned(), vec![ada]).unwrap())
    }

    fn log_in(&self, _: &Upstream, _: &LoginStep) -> Reply {
        fields("ada", sample::PASSWORD)
    }
}

form_laws! { List }
chapter! { List, redirects: no_credential_is_printed }
