use std::net::IpAddr;

use vestibule_broker::settings::AddressClass;

use super::*;
use crate::config::tests::{SMALL, parse, problems};
use crate::config::{Problem, Purpose};

/// The small configuration, and this.
fn small(text: &str) -> String {
    format!("{SMALL}{text}")
}

/// The one mistake that this adds to the small configuration.
fn only_problem(text: &str) -> Problem {
    let mut all = problems(&small(text));
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

fn with(text: &str) -> LimitSettings {
    parse(&small(text), Purpose::Serve)
        .unwrap_or_else(|problems| panic!("{problems}"))
        .limits
}

fn class_of<'a>(settings: &'a LimitSettings, address: &str) -> Option<&'a AddressClass> {
    let address: IpAddr = address.parse().unwrap();
    let holds = |class: &&AddressClass| class.networks.iter().any(|network| network.contains(&address));
    settings.classes.iter().find(holds)
}

#[test]
fn without_a_word_every_rule_is_enforced_and_the_platforms_are_known() {
    let settings = with("");
    for rule in LimitRule::ALL {
        assert_eq!(settings.rule(rule), LimitSettings::default().rule(rule), "{rule}");
        assert_eq!(settings.rule(rule).mode, LimitMode::Enforce, "{rule}");
    }
    for (address, name) in [
        ("160.79.104.0", "claude"),
        ("160.79.111.255", "claude"),
        ("9.129.127.255", "chatgpt"),
        ("8.216.144.50", "qoder"),
        ("127.0.0.1", "loopback"),
        ("::1", "loopback"),
    ] {
        assert_eq!(class_of(&settings, address).unwrap().name, name, "{address}");
    }
    assert_eq!(class_of(&settings, "160.79.112.0"), None);
}

#[test]
fn every_shipped_class_is_read_whole_and_shares_no_address() {
    let settings = with("");
    let names: Vec<_> = settings.classes.iter().map(|class| class.name.as_str()).collect();
    assert_eq!(names, ["loopback", "claude", "chatgpt", "qoder"]);
    assert_eq!(class_of(&settings, "98.87.72.221").unwrap().networks.len(), 278);
    for (index, class) in settings.classes.iter().enumerate() {
        for other in &settings.classes[index + 1..] {
            for network in &other.networks {
                assert!(
                    !class
                        .networks
                        .iter()
                        .any(|own| own.contains(network) || network.contains(own))
                );
            }
        }
    }
}

#[test]
fn a_mode_is_every_rules_unless_a_rule_has_its_own() {
    let settings = with("[limits]\nmode = \"report\"\n[limits.rules.registration]\nmode = \"enforce\"\n");
    assert_eq!(settings.rule(LimitRule::Registration).mode, LimitMode::Enforce);
    assert_eq!(settings.rule(LimitRule::LoginPasswords).mode, LimitMode::Report);
}

#[test]
fn a_rule_takes_what_is_written_and_keeps_the_rest() {
    let settings = with("[limits.rules.registration]\nburst = 7\nevery = \"1m\"\noutage = \"closed\"\n");
    let registration = settings.rule(LimitRule::Registration);
    assert_eq!(
        (registration.quota.burst, registration.quota.per),
        (7, Duration::from_secs(60))
    );
    assert_eq!(registration.outage, Outage::Closed);
    let settings = with("[limits.rules.pages]\nburst = 7\n");
    let usual = LimitSettings::default().rule(LimitRule::Pages);
    assert_eq!(settings.rule(LimitRule::Pages).quota.per, usual.quota.per);
}

#[test]
fn an_operators_class_replaces_the_shipped_one_of_its_name_and_takes_addresses_from_others() {
    let class = |name: &str, network: &str| {
        format!("[[limits.classes]]\nname = \"{name}\"\nnetworks = [\"{network}\"]\nusers = 3\n")
    };
    let settings = with(&class("claude", "192.0.2.0/24"));
    assert_eq!(class_of(&settings, "192.0.2.9").unwrap().users, 3);
    assert_eq!(class_of(&settings, "160.79.104.1"), None);
    let settings = with(&class("office", "9.129.0.0/16"));
    assert_eq!(class_of(&settings, "9.129.0.1").unwrap().name, "office");
    assert_eq!(class_of(&settings, "98.87.72.221").unwrap().name, "chatgpt");
}

#[test]
fn the_shipped_classes_can_be_left_out() {
    assert_eq!(with("[limits]\nplatforms = false\n").classes, []);
}

#[test]
fn every_mistake_of_the_limits_is_reported_at_once() {
    let text = r#"
[limits]
mode = "strict"
[limits.rules.pages]
burst = 0
every = "soon"
outage = "open"
[limits.rules.passwords]
burst = 3
[limits.rules.login_codes]
burst = 4294967295
every = "1h"
outage = "wide"
[[limits.classes]]
name = "one"
networks = ["192.0.2.1/24", "nowhere"]
users = "many"
[[limits.classes]]
name = "two"
networks = ["198.51.100.0/24"]
users = 5
[[limits.classes]]
name = "three"
networks = ["198.51.100.7"]
users = 5
[[limits.classes]]
name = "two"
"#;
    let found: Vec<String> = problems(&small(text))
        .into_iter()
        .map(|problem| format!("{}: {}", problem.key, problem.message))
        .collect();
    for expected in [
        "limits.mode: \"strict\" is not known; write one of \"enforce\", \"report\", \"off\"",
        "limits.rules.pages.burst: is a number; write a whole number from 1 to 4294967295",
        "limits.rules.pages.every: \"soon\" is not a span of time; write one such as \"90s\", \"10m\", \"1h\" or \"30d\"",
        "limits.rules.pages.outage: is for rules in the store, and this one is decided without it; leave it out",
        "limits.rules.login_codes: is used up for more than 30 days (burst times every); make one of the two smaller",
        "limits.rules.login_codes.outage: \"wide\" is not known; write one of \"open\", \"closed\", \"local\"",
        "limits.classes[0].networks: \"192.0.2.1/24\" has bits behind its length; write \"192.0.2.0/24\"",
        "limits.classes[0].networks: \"nowhere\" is no network; write one such as \"10.0.0.0/8\" or \"2001:db8::/32\"",
        "limits.classes[0].users: is a text; write a whole number from 1 to 4294967295",
        "limits.classes[2]: 198.51.100.7/32 is in the class \"two\" as well; take it out of one of the two",
        "limits.classes[3].networks: is missing; write networks = [\"192.0.2.0/24\"]",
        "limits.classes[3].users: is missing; write for how many users one address stands, such as users = 1000",
    ] {
        assert!(found.contains(&expected.to_owned()), "{expected}\n{found:#?}");
    }
    assert!(
        found
            .iter()
            .any(|problem| problem.starts_with("limits.rules.passwords: is not a known key")),
        "{found:#?}"
    );
    assert_eq!(found.len(), 13, "{found:#?}");
}

#[test]
fn proxies_are_trusted_by_name_and_for_one_header() {
    for (text, expected) in [
        (
            "[proxies]\ntrusted = [\"10.0.0.0/8\"]\n",
            "is given, but not the header in which they name the client",
        ),
        (
            "[proxies]\nheader = \"forwarded\"\n",
            "is given, but no proxy is trusted to set it",
        ),
        (
            "[proxies]\ntrusted = [\"0.0.0.0/0\"]\nheader = \"forwarded\"\n",
            "trusts everybody",
        ),
        (
            "[proxies]\ntrusted = [\"::/0\"]\nheader = \"forwarded\"\n",
            "trusts everybody",
        ),
        (
            "[proxies]\ntrusted = [\"10.0.0.1\"]\nheader = \"x-real-ip\"\n",
            "is not known",
        ),
        (
            "[proxies]\ntrusted = [\"10.0.0.1/33\"]\nheader = \"forwarded\"\n",
            "is no network",
        ),
    ] {
        let problem = only_problem(text);
        assert!(problem.message.contains(expected), "{text}: {problem:?}");
    }
    for header in ["forwarded", "x-forwarded-for", "X-Forwarded-For"] {
        let text = format!("[proxies]\ntrusted = [\"10.0.0.1\", \"2001:db8::/48\"]\nheader = \"{header}\"\n");
        parse(&small(&text), Purpose::Serve).unwrap_or_else(|problems| panic!("{problems}"));
    }
}
