//! Remembered consents: a set of scopes for each user, client and resource.

use async_trait::async_trait;
use vestibule_broker::record::ConsentKey;
use vestibule_broker::store::{Consents, StoreError};
use vestibule_protocol::{Scope, ScopeSet};

use crate::pack::PackError;
use crate::store::{Question, RedisStore};

#[async_trait]
impl Consents for RedisStore {
    async fn grant_consent(&self, key: ConsentKey, scopes: ScopeSet) -> Result<(), StoreError> {
        if scopes.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = scopes.iter().map(Scope::as_str).collect();
        let question = Question::command("SADD", &self.keys.consent(&key)).arg(names);
        self.decide(question).await
    }

    async fn find_consent(&self, key: &ConsentKey) -> Result<ScopeSet, StoreError> {
        let question = Question::command("SMEMBERS", &self.keys.consent(key));
        let names: Vec<String> = self.read(question).await?;
        let scopes: Result<ScopeSet, _> = names.iter().map(|name| Scope::parse(name)).collect();
        Ok(scopes.map_err(|_| PackError::Damaged)?)
    }

    async fn revoke_consent(&self, key: &ConsentKey) -> Result<(), StoreError> {
        self.decide(Question::command("DEL", &self.keys.consent(key)))
            .await
    }
}
