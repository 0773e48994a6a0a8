use std::collections::{HashMap, HashSet};

use vestibule_protocol::{Scope, ScopeSet};

use crate::json_rpc::Message;

/// Which scopes the calls of an MCP endpoint need, and which calls need no token.
#[derive(Debug, Clone, Default)]
pub(crate) struct ScopeRules {
    tools: HashMap<String, ScopeSet>,
    methods: HashMap<String, ScopeSet>,
    open_tools: HashSet<String>,
    open_methods: HashSet<String>,
}

impl ScopeRules {
    pub(crate) fn restrict_tool(&mut self, name: String, scopes: &ScopeSet) {
        add(&mut self.tools, name, scopes);
    }

    pub(crate) fn restrict_method(&mut self, name: String, scopes: &ScopeSet) {
        add(&mut self.methods, name, scopes);
    }

    pub(crate) fn open_tool(&mut self, name: String) {
        self.open_tools.insert(name);
    }

    pub(crate) fn open_method(&mut self, name: String) {
        self.open_methods.insert(name);
    }

    /// Says whether there is no rule that would need the body of a request.
    pub(crate) fn is_empty(&self) -> bool {
        self.tools.is_empty() && self.methods.is_empty() && !self.opens_something()
    }

    /// Says whether any call needs no token.
    pub(crate) fn opens_something(&self) -> bool {
        !self.open_tools.is_empty() || !self.open_methods.is_empty()
    }

    /// Says whether a tool needs no token.
    pub(crate) fn is_open_tool(&self, name: &str) -> bool {
        self.open_tools.contains(name)
    }

    /// Says whether none of the messages needs a token.
    pub(crate) fn are_open(&self, messages: &[Message]) -> bool {
        messages
            .iter()
            .all(|message| match (message.tool(), message.method()) {
                (Some(tool), _) => self.open_tools.contains(tool),
                (None, Some(method)) => self.open_methods.contains(method),
                (None, None) => false,
            })
    }

    /// Returns every scope that the messages need together.
    pub(crate) fn needed_by(&self, messages: &[Message]) -> ScopeSet {
        let by_method = messages
            .iter()
            .filter_map(|message| self.methods.get(message.method()?));
        let by_tool = messages
            .iter()
            .filter_map(|message| self.tools.get(message.tool()?));
        by_method
            .chain(by_tool)
            .fold(ScopeSet::default(), |all, scopes| all.union(scopes))
    }

    /// Returns every scope that a call of the tool needs.
    pub(crate) fn needed_by_tool(&self, name: &str) -> ScopeSet {
        [self.methods.get("tools/call"), self.tools.get(name)]
            .into_iter()
            .flatten()
            .fold(ScopeSet::default(), |all, scopes| all.union(scopes))
    }

    /// Returns a tool or method that is open and needs scopes as well.
    pub(crate) fn contradiction(&self) -> Option<&str> {
        let tools = self
            .open_tools
            .iter()
            .filter(|name| self.tools.contains_key(*name));
        let methods = self
            .open_methods
            .iter()
            .filter(|name| self.methods.contains_key(*name));
        tools.chain(methods).next().map(String::as_str)
    }
}

fn add(rules: &mut HashMap<String, ScopeSet>, name: String, scopes: &ScopeSet) {
    let needed = rules.entry(name).or_default();
    *needed = needed.union(scopes);
}

/// The scopes without `offline_access`, which the authorization server alone offers.
pub(crate) fn without_offline_access(scopes: ScopeSet) -> ScopeSet {
    scopes
        .into_iter()
        .filter(|scope| scope.as_str() != Scope::OFFLINE_ACCESS)
        .collect()
}
