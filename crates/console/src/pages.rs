//! The pages: what `web` builds is a part of the program.

use crate::door::Nonce;
use axum::{
    Extension,
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use rust_embed::{Embed, EmbeddedFile};
use std::borrow::Cow;

/// `web/dist`, as it was when this was compiled. Nothing in it is a secret.
#[derive(Embed)]
#[folder = "../../web/dist/"]
#[allow_missing = true]
struct Built;

/// Files with a hash in their names lie here; they never change.
const HASHED: &str = "assets/";
const INDEX: &str = "index.html";
/// What the build has packed (gzip) lies beside the file itself, with this ending: nobody waits for it to be packed.
const PACKED: &str = ".gz";
/// Where the page's own nonce goes.
const MARK: &str = "__NONCE__";

/// A file, or the page that shows every address without an extension.
pub(crate) async fn pages(
    Extension(nonce): Extension<Nonce>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if !matches!(method, Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let path = uri.path().trim_start_matches('/');
    let last = path.rsplit('/').next().unwrap_or_default();
    match Built::get(path) {
        _ if path == INDEX => page(&nonce),
        Some(file) => {
            let packed = Built::get(&format!("{path}{PACKED}"));
            let mut answer = match packed.filter(|_| unpacks(&headers)) {
                Some(packed) => {
                    let mut answer = asset(path, packed);
                    let gzip = HeaderValue::from_static("gzip");
                    answer.headers_mut().insert(header::CONTENT_ENCODING, gzip);
                    answer
                }
                None => asset(path, file),
            };
            let vary = HeaderValue::from_static("accept-encoding");
            answer.headers_mut().insert(header::VARY, vary);
            answer
        }
        None if last.contains('.') => StatusCode::NOT_FOUND.into_response(),
        None => page(&nonce),
    }
}

/// The page, with this answer's nonce.
fn page(nonce: &Nonce) -> Response {
    let (status, html) = match Built::get(INDEX) {
        Some(file) => (StatusCode::OK, String::from_utf8_lossy(&file.data).replace(MARK, &nonce.0)),
        None => (StatusCode::NOT_FOUND, UNBUILT.to_owned()),
    };
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (status, kind, html).into_response()
}

/// Whether the asker takes gzip.
fn unpacks(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let refused =
            weight.trim().strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q == 0.0));
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

fn asset(path: &str, file: EmbeddedFile) -> Response {
    let body = match file.data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => data.into(),
    };
    let mut answer = Response::new(Body::from(body));
    let kept = if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind(path)));
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    answer
}

fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("woff2") => "font/woff2",
        Some("png") => "image/png",
        Some(_) | None => "application/octet-stream",
    }
}

/// Shown by a program that was built without pages.
const UNBUILT: &str = "<!doctype html>
<html lang=\"zh\"><head><meta charset=\"utf-8\"><title>合符 Hefu</title></head><body>
<h1>合符 Hefu</h1>
<p>本程序编译时没有页面。运行 <code>cargo xtask build</code>,然后重新启动。接口在 <code>/api/openapi.json</code>。</p>
<p lang=\"en\">This program was built without its pages. Run <code>cargo xtask build</code>, then start it again.
The interface is described at <code>/api/openapi.json</code>.</p>
</body></html>
";

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn addresses_are_pages_and_files_that_are_not_there_are_not() {
        let status = async |path: &'static str| {
            let nonce = Extension(Nonce("n".to_owned()));
            pages(nonce, Method::GET, Uri::from_static(path), HeaderMap::new()).await.status()
        };
        let page = if Built::get(INDEX).is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
        for path in ["/", "/payments", "/payments/6327Y0000001", "/index.html"] {
            assert_eq!(status(path).await, page, "{path}");
        }
        for path in ["/assets/none.js", "/../Cargo.toml", "/a/b.css", "/.env"] {
            assert_eq!(status(path).await, StatusCode::NOT_FOUND, "{path}");
        }
        let nonce = Extension(Nonce("n".to_owned()));
        let posted = pages(nonce, Method::POST, Uri::from_static("/"), HeaderMap::new()).await;
        assert_eq!(posted.status(), StatusCode::METHOD_NOT_ALLOWED);
    }

    #[tokio::test]
    async fn who_takes_gzip_gets_what_was_packed_and_others_the_file_itself() {
        let asked = async |path: &str, accepts: &'static str| {
            let headers =
                HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(accepts))]);
            let (nonce, uri) = (Extension(Nonce("n".to_owned())), path.parse().unwrap());
            let answer = pages(nonce, Method::GET, uri, headers).await;
            let coding = answer.headers().get(header::CONTENT_ENCODING).cloned();
            (coding, axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap())
        };
        let packed: Vec<_> =
            Built::iter().filter_map(|name| name.strip_suffix(PACKED).map(String::from)).collect();
        for path in packed {
            let (coding, bytes) = asked(&format!("/{path}"), "br, gzip").await;
            assert_eq!(coding.unwrap(), "gzip", "{path}");
            assert_eq!(bytes[..2], [0x1f, 0x8b], "{path}");
            for accepts in ["br", "gzip;q=0"] {
                let (coding, plain) = asked(&format!("/{path}"), accepts).await;
                assert_eq!((coding, &plain[..]), (None, &Built::get(&path).unwrap().data[..]), "{path}");
            }
        }
    }

    #[test]
    fn a_program_without_pages_says_how_to_build_them() {
        assert!(UNBUILT.contains("cargo xtask build") && !UNBUILT.contains(MARK));
    }
}
