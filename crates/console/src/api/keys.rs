//! Keys of machines.

use super::{List, Rooms};
use crate::{
    door::{Asker, HoldsSecret},
    names::RoleName,
    problem::{Problem, Refusal},
};
use axum::{
    Extension, Json,
    extract::{Path, State, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use hefu_people::{ApiKey, Door, NewKey, Permission, Role, Scope, What};
use hefu_tally::{MerchantNo, time::DAY};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// A key, without its secret.
#[derive(Serialize, ToSchema)]
pub(super) struct KeyRow {
    id: String,
    label: String,
    #[schema(value_type = RoleName)]
    role: &'static str,
    #[schema(required = true)]
    merchant: Option<String>,
    made_by: String,
    created_ms: i64,
    expires_ms: i64,
    #[schema(required = true)]
    used_ms: Option<i64>,
    revoked: bool,
}

/// What a key is made of.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyBody {
    /// What it is for.
    label: String,
    /// Your own role, or `auditor`, which changes nothing.
    #[schema(value_type = RoleName)]
    role: String,
    merchant: Option<String>,
    /// How long it is good, in days; at most two years.
    days: u16,
}

/// A key, told once.
#[derive(Serialize, ToSchema)]
pub(super) struct MadeBody {
    id: String,
    /// For `Authorization: Bearer …`.
    key: String,
}

/// Keys, the newest first.
#[utoipa::path(
    get, path = "/api/keys", operation_id = "listKeys", tag = "people",
    responses((status = 200, body = List<KeyRow>), (status = 403, body = Refusal))
)]
pub(super) async fn list(
    State(rooms): State<Arc<Rooms>>,
    asker: Asker,
) -> Result<Json<List<KeyRow>>, Problem> {
    asker.must(Permission::Keys)?;
    let keys = rooms.staff.ask(|people, _, _| people.keys()).await?;
    Ok(Json(List::whole(keys.into_iter().map(KeyRow::of).collect())))
}

/// Makes a key. A machine cannot do so: it would outlive its own key.
#[utoipa::path(
    post, path = "/api/keys", operation_id = "makeKey", tag = "people", request_body = KeyBody,
    responses((status = 201, body = MadeBody), (status = 400, body = Refusal), (status = 403, body = Refusal))
)]
pub(super) async fn make(
    State(rooms): State<Arc<Rooms>>,
    asker: Asker,
    body: Result<Json<KeyBody>, JsonRejection>,
) -> Result<Response, Problem> {
    let Json(KeyBody { label, role, merchant, days }) = body?;
    asker.must(Permission::Keys)?;
    if asker.who.door == Door::Key {
        return Err(Problem::forbidden("a machine makes no keys"));
    }
    let role = Role::parse(&role).ok_or_else(|| Problem::bad("role", "there is none of that name"))?;
    // Whoever could give a machine more than he has himself would need no second person.
    if asker.who.door != Door::Local && role != asker.who.role && role != Role::Auditor {
        return Err(Problem::bad("role", "your own, or auditor"));
    }
    let merchant = merchant.map(|number| MerchantNo::parse(number.as_bytes())).transpose();
    let merchant = merchant.map_err(|error| Problem::bad("merchant", error))?;
    let scope = merchant.map_or(Scope::All, Scope::Merchant);
    let (made_by, actor) = (asker.who.name.clone(), asker.actor());
    let made = rooms.staff.ask(move |people, now, dice| {
        let expires = now.after(i64::from(days) * DAY);
        let new = NewKey { label, role, scope, expires, made_by };
        let (id, key) = people.make_key(&new, now, dice)?;
        people.note(&actor, What::KeyMade, &id, &format!("{}: {}", role.name(), new.label), now)?;
        Ok((id, key))
    });
    let (id, key) = made.await?;
    let made = Json(MadeBody { id, key: key.reveal().to_owned() });
    Ok((StatusCode::CREATED, Extension(HoldsSecret), made).into_response())
}

/// Ends a key for good.
#[utoipa::path(
    delete, path = "/api/keys/{id}", operation_id = "revokeKey", tag = "people", params(("id" = String, Path)),
    responses((status = 204, description = "revoked"), (status = 403, body = Refusal), (status = 404, body = Refusal))
)]
pub(super) async fn revoke(
    State(rooms): State<Arc<Rooms>>,
    asker: Asker,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    asker.must(Permission::Keys)?;
    let actor = asker.actor();
    let revoked = rooms.staff.ask(move |people, now, _| {
        people.revoke_key(&id)?;
        people.note(&actor, What::KeyRevoked, &id, "", now)
    });
    revoked.await?;
    Ok(StatusCode::NO_CONTENT)
}

impl KeyRow {
    fn of(key: ApiKey) -> KeyRow {
        KeyRow {
            id: key.id,
            label: key.label,
            role: key.role.name(),
            merchant: key.scope.merchant().map(String::from),
            made_by: key.made_by,
            created_ms: key.created.0,
            expires_ms: key.expires.0,
            used_ms: key.used.map(|used| used.0),
            revoked: key.revoked,
        }
    }
}
