//! The proxy through which AWS is reached, if the environment names one.
//!
//! It is for requests over TLS. Requests without TLS go to something nearby, for which no proxy is used:
//! the metadata of an instance, the credentials of a container, an emulator on this machine.

use std::env;

use aws_smithy_http_client::proxy::ProxyConfig;

/// The variables that name the proxy, as `curl` reads them; the first that is not empty counts.
const PROXY: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
/// The variables that name the hosts to be reached without it.
const DIRECT: [&str; 2] = ["no_proxy", "NO_PROXY"];

/// The proxy of this process's environment.
pub(super) fn of_environment() -> ProxyConfig {
    let first = |names: &[&str]| {
        let set = names.iter().filter_map(|name| env::var(name).ok());
        set.map(|value| value.trim().to_owned())
            .find(|value| !value.is_empty())
    };
    let Some(named) = first(&PROXY) else {
        return ProxyConfig::disabled();
    };
    // A host and a port without a scheme will do.
    let url = if named.contains("://") {
        named
    } else {
        format!("http://{named}")
    };
    let Ok(proxy) = ProxyConfig::https(url) else {
        // The value is not logged, as it may hold a password.
        tracing::warn!("HTTPS_PROXY does not name an HTTP proxy, so none is used");
        return ProxyConfig::disabled();
    };
    match first(&DIRECT) {
        Some(hosts) => proxy.no_proxy(hosts),
        None => proxy,
    }
}
