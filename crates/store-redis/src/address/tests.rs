use super::*;

fn parse(text: &str) -> Address {
    text.parse().unwrap()
}

fn host(name: &str, port: u16) -> Host {
    Host {
        name: name.to_owned(),
        port,
    }
}

#[test]
fn what_leads_nowhere_is_refused_with_the_way_to_write_it() {
    let cases = [
        ("localhost:6379", AddressError::Scheme),
        ("http://localhost", AddressError::Scheme),
        ("redis://", AddressError::NoHost),
        ("redis://:6379", AddressError::NoHost),
        ("redis://localhost:port", AddressError::Port),
        ("redis://localhost:0", AddressError::Port),
        ("redis://one,two", AddressError::ManyHosts),
        ("redis://localhost/first", AddressError::Database),
        ("redis://localhost/-1", AddressError::Database),
        ("redis-sentinel://one,two", AddressError::NoMaster),
        ("redis-cluster://one/1", AddressError::ClusterDatabase),
        ("redis://ada:100%@localhost", AddressError::Escape),
        ("redis://localhost?db=1", AddressError::Options),
    ];
    for (text, expected) in cases {
        assert_eq!(text.parse::<Address>().unwrap_err(), expected, "{text}");
    }
}

#[test]
fn an_error_never_quotes_the_password() {
    for text in [
        "redis://ada:hunter2@one,two",
        "redis-cluster://:hunter2@one/1",
        "redis://ada:hunter2%@one",
    ] {
        let error = text.parse::<Address>().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
    let address = parse("redis://ada:hunter2@localhost");
    assert!(!format!("{address:?}").contains("hunter2"), "{address:?}");
}

#[test]
fn one_server_is_a_host_and_a_database() {
    let address = parse("redis://localhost");
    assert_eq!(address.layout, Layout::Single(host("localhost", 6379)));
    assert_eq!((address.transport, address.database), (Transport::Plain, 0));
    assert!(address.user.is_none() && address.password.is_none());
    let address = parse("rediss://[::1]:7000/3");
    assert_eq!(address.layout, Layout::Single(host("::1", 7000)));
    assert_eq!((address.transport, address.database), (Transport::Tls, 3));
}

#[test]
fn user_and_password_are_read_as_they_are_meant() {
    let address = parse("redis://ada:p%40ss%2Fw%3Ard@localhost");
    assert_eq!(address.user.as_deref(), Some("ada"));
    assert_eq!(address.password.unwrap().expose(), "p@ss/w:rd");
    let address = parse("redis://:a/b@c@localhost/1");
    assert!(address.user.is_none());
    assert_eq!(address.password.unwrap().expose(), "a/b@c");
    assert_eq!(address.database, 1);
}

#[test]
fn sentinels_name_a_master_and_a_cluster_has_many_hosts() {
    let address = parse("redis-sentinel://:secret@one,two:7000/mymaster/2");
    let sentinels = vec![host("one", 26379), host("two", 7000)];
    let master = "mymaster".to_owned();
    assert_eq!(address.layout, Layout::Sentinel { sentinels, master });
    assert_eq!(address.database, 2);
    let address = parse("rediss-cluster://one,two:7000");
    assert_eq!(
        address.layout,
        Layout::Cluster(vec![host("one", 6379), host("two", 7000)])
    );
    assert_eq!(address.transport, Transport::Tls);
}
