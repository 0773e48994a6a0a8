use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;

/// Which process speaks, and which of several replicas it is: `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES`, where they are set.
pub(crate) fn resource(instance: &str) -> Resource {
    let environment = Resource::builder().build();
    let named = |name: &'static str| {
        let value = environment.get(&name.into());
        // What the SDK calls a service that nobody named.
        value.is_some_and(|value| !value.as_str().starts_with("unknown_service"))
    };
    let defaults = [
        ("service.name", "vestibule"),
        ("service.version", env!("CARGO_PKG_VERSION")),
        ("service.instance.id", instance),
    ];
    let missing = defaults.into_iter().filter(|(name, _)| !named(name));
    Resource::builder()
        .with_attributes(missing.map(|(name, value)| KeyValue::new(name, value.to_owned())))
        .build()
}
