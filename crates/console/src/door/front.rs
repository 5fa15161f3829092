//! The front: whose request it is, how many he makes, which host he means; and the headers of every answer.

use crate::{api::Rooms, listen::Peer, problem::Problem};
use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use data_encoding::BASE64;
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

/// Where a request comes from.
#[derive(Copy, Clone)]
pub(crate) struct Address(pub IpAddr);

/// The number used once by which a page's own styles are told from others.
#[derive(Clone)]
pub(crate) struct Nonce(pub String);

/// What pages need no leave for: none of it is used.
const POLICY: &str = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";

pub(crate) async fn front(State(rooms): State<Arc<Rooms>>, mut request: Request, next: Next) -> Response {
    let nonce = Nonce(rooms.nonces.next());
    let api = request.uri().path().starts_with("/api/");
    let address = address(&rooms, &request);
    request.extensions_mut().insert(Address(address));
    request.extensions_mut().insert(nonce.clone());
    let answer = match admit(&rooms, &request, address) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    dressed(answer, &nonce.0, api, rooms.behind_tls)
}

fn admit(rooms: &Rooms, request: &Request, address: IpAddr) -> Result<(), Problem> {
    let taken = rooms.buckets.take(address, Instant::now());
    taken.map_err(|wait| Problem::too_many(wait.as_secs() + 1))?;
    let host = host(request.headers());
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    // A name of elsewhere that leads to a loopback listener is a page's trick.
    if rooms.only_local_names && !matches!(name, "127.0.0.1" | "localhost" | "[::1]") {
        let problem = "ask 127.0.0.1 or localhost";
        return Err(Problem::new(StatusCode::MISDIRECTED_REQUEST, "not this host", problem));
    }
    Ok(())
}

/// The host that a request names.
pub(super) fn host(headers: &HeaderMap) -> &str {
    headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default()
}

/// The address of the other end. Behind a proxy it is the one that the proxy saw: the last that is named.
fn address(rooms: &Rooms, request: &Request) -> IpAddr {
    let peer = request.extensions().get::<ConnectInfo<Peer>>();
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.0.ip());
    if !rooms.behind_tls {
        return peer;
    }
    let forwarded = request.headers().get_all("x-forwarded-for").iter().next_back();
    let last = forwarded.and_then(|value| value.to_str().ok()).and_then(|value| value.rsplit(',').next());
    last.and_then(|address| address.trim().parse().ok()).unwrap_or(peer)
}

/// The headers that every answer has.
fn dressed(mut answer: Response, nonce: &str, api: bool, behind_tls: bool) -> Response {
    let headers = answer.headers_mut();
    let policy = content_policy(nonce);
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), POLICY),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    if api || !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if behind_tls {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    answer
}

fn content_policy(nonce: &str) -> HeaderValue {
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; \
         connect-src 'self'; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    );
    HeaderValue::from_str(&policy).expect("base 64 and fixed words are a header's value")
}

/// Where nonces come from: a keyed hash of a counter, so that none can be told from another before it is used.
pub(crate) struct Nonces {
    key: [u8; 32],
    next: AtomicU64,
}

impl Nonces {
    pub fn new(key: [u8; 32]) -> Nonces {
        Nonces { key, next: AtomicU64::new(0) }
    }

    /// 16 bytes in base 64, never the same again.
    fn next(&self) -> String {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let hash = blake3::keyed_hash(&self.key, &number.to_be_bytes());
        BASE64.encode(&hash.as_bytes()[..16])
    }
}
