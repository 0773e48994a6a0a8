# Everything that CI runs, a line each. `scripts/test` runs all of it.

# All checks and all tests, as CI runs them.
test:
    scripts/test

# The broker and a protected MCP server, in one process.
demo *arguments:
    scripts/demo {{arguments}}

# Redis and the broker on this machine, with config/redis.toml.
up *arguments:
    scripts/up {{arguments}}

# Ends what `just up` started.
down *arguments:
    scripts/down {{arguments}}

# Formatting.
format:
    cargo fmt --all --check

# Lints.
lint:
    cargo clippy --locked --workspace --all-targets -- --deny warnings

# Bans, licences, sources and advisories of dependencies.
deny:
    scripts/deny

# Which crate may stand on which.
layers:
    cargo nextest run --locked --workspace -E 'test(/^layers::/)'

# The third parties that the tests run.
clients:
    scripts/clients

# The identity providers that the tests log in at.
upstreams:
    scripts/upstreams

# The script of Firebase's sign-in page, from its sources and the pinned SDK.
firebase-page *arguments:
    scripts/firebase-page {{arguments}}

# Pictures of each page for the documentation, in light, dark and at phone width.
screenshots:
    scripts/screenshots

# The benchmarks.
bench:
    cargo bench --locked --workspace

# The fuzz targets, each for a while; needs a nightly compiler.
fuzz *arguments:
    scripts/fuzz {{arguments}}
