//! Requests that are made once: a POST with an `Idempotency-Key` that comes again hears the first answer.

use super::guard::Asker;
use crate::{api::Rooms, problem::Problem};
use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use hefu_people::{Begun, MOST_BODY_BYTES};
use std::sync::Arc;

/// On an answer: it holds a secret, which is told once and kept nowhere.
#[derive(Copy, Clone)]
pub(crate) struct HoldsSecret;

/// The header that names a request, so that it is made once.
pub(crate) const IDEMPOTENCY_KEY: &str = "idempotency-key";

pub(crate) async fn once(
    State(rooms): State<Arc<Rooms>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let key = request.headers().get(IDEMPOTENCY_KEY).map(|key| key.to_str().unwrap_or_default().to_owned());
    let asker = request.extensions().get::<Asker>().map(|asker| asker.who.name.clone());
    let own = request.uri().path().starts_with("/api/session");
    let (Some(key), Some(who), Method::POST, false) = (key, asker, request.method().clone(), own) else {
        return Ok(next.run(request).await);
    };
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, crate::api::MOST_BYTES).await.map_err(|_| {
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too large", "the body is beyond its bound")
    })?;
    let fingerprint = [parts.uri.path().as_bytes(), b"\n", &body].concat();
    let (account, name) = (who.clone(), key.clone());
    let begun =
        rooms.staff.ask(move |people, now, _| people.begin_request(&account, &name, &fingerprint, now));
    match begun.await? {
        Begun::Fresh => {}
        Begun::Done { status, body } => return Ok(again(status, body)),
        Begun::InProgress => {
            let detail = "it is under way, or its end was not seen: look before you ask again";
            return Err(Problem::new(StatusCode::CONFLICT, "in progress", detail));
        }
        Begun::Another => {
            let detail = "this Idempotency-Key stands for another request";
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "another request", detail));
        }
    }
    let answer = next.run(Request::from_parts(parts, Body::from(body))).await;
    keep(&rooms, who, key, answer).await
}

/// Keeps an answer for whoever asks again. What was refused before it was begun may be asked again.
async fn keep(rooms: &Rooms, who: String, key: String, answer: Response) -> Result<Response, Problem> {
    let status = answer.status();
    if status == StatusCode::GATEWAY_TIMEOUT {
        // Nobody knows whether it was done: it stays under way.
        return Ok(answer);
    }
    if !status.is_success() && status != StatusCode::CONFLICT {
        rooms.staff.ask(move |people, _, _| people.drop_request(&who, &key)).await?;
        return Ok(answer);
    }
    let secret = answer.extensions().get::<HoldsSecret>().is_some();
    let (parts, body) = answer.into_parts();
    let body = to_bytes(body, MOST_BODY_BYTES).await.map_err(Problem::unreadable)?;
    let kept = if secret {
        // In the answer's place stands that it was given.
        let told =
            Problem::new(StatusCode::CONFLICT, "done already", "it was done; its secret was told once");
        let told = to_bytes(told.into_response().into_body(), MOST_BODY_BYTES).await;
        (StatusCode::CONFLICT.as_u16(), told.map_err(Problem::unreadable)?)
    } else {
        (status.as_u16(), body.clone())
    };
    rooms.staff.ask(move |people, _, _| people.end_request(&who, &key, kept.0, &kept.1)).await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn again(status: u16, body: Vec<u8>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let kind = if status.is_success() { "application/json" } else { "application/problem+json" };
    let mut answer = (status, body).into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(HeaderName::from_static("idempotency-replayed"), HeaderValue::from_static("true"));
    answer
}
