//! Accounts: an operator's, with a second person for whatever gives power; and an owner's, of his own cashiers.

use super::{List, Rooms, decide::Waits};
use crate::{
    door::{Asker, HoldsSecret},
    names::{LanguageName, RoleName},
    problem::{Problem, Refusal},
};
use axum::{
    Extension, Json,
    extract::{
        Path, Query, State,
        rejection::{JsonRejection, QueryRejection},
    },
    http::StatusCode,
    response::{IntoResponse, Response},
};
use hefu_people::{
    Account, Action, Door, FirstPassword, Language, Login, NewAccount, Permission, Role, Scope, Secret, What,
};
use hefu_tally::MerchantNo;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// An account, without its secrets.
#[derive(Serialize, ToSchema)]
pub(super) struct AccountRow {
    name: String,
    display: String,
    #[schema(value_type = RoleName)]
    role: &'static str,
    #[schema(required = true)]
    merchant: Option<String>,
    #[schema(value_type = LanguageName)]
    language: &'static str,
    must_change_password: bool,
    totp: bool,
    demo: bool,
    disabled: bool,
    created_ms: i64,
}

/// A page of accounts.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AccountsQuery {
    cursor: Option<String>,
}

/// What an account is made of.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountBody {
    /// 2 to 32 characters of a-z 0-9 . _ -
    name: String,
    display: String,
    #[schema(value_type = RoleName)]
    role: String,
    /// Of a cashier or an owner, and only of these.
    merchant: Option<String>,
    #[schema(value_type = LanguageName)]
    language: String,
    reason: String,
}

/// Why it is done.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReasonBody {
    reason: String,
}

/// A first password, told once: it must be changed at the first sign-in.
#[derive(Serialize, ToSchema)]
pub(super) struct FirstBody {
    password: String,
    /// It holds when a second person has approved this; none: it holds now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    proposal: Option<String>,
}

/// The kind under which a change of accounts waits for a second person.
pub(super) const KIND: &str = "account";

/// A change that waits. A password stands here as its argon2id hash alone.
#[derive(Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Change {
    Create { account: AccountBody, first: String },
    Enable { name: String },
    Reset { name: String, first: String },
}

impl Change {
    fn about(&self) -> &str {
        match self {
            Change::Create { account, .. } => &account.name,
            Change::Enable { name } | Change::Reset { name, .. } => name,
        }
    }

    fn what(&self) -> What {
        match self {
            Change::Create { .. } => What::AccountMade,
            Change::Enable { .. } => What::AccountEnabled,
            Change::Reset { .. } => What::AccountReset,
        }
    }

    /// In words, as lists show it.
    fn called(&self) -> String {
        match self {
            Change::Create { account, .. } => {
                let of = account.merchant.as_deref().map_or_else(String::new, |of| format!(" of {of}"));
                format!("new account: {}{of}", account.role)
            }
            Change::Enable { .. } => "enable account".to_owned(),
            Change::Reset { .. } => "reset password and codes".to_owned(),
        }
    }
}

/// Accounts by name: an owner's own cashiers, or all.
#[utoipa::path(
    get, path = "/api/accounts", operation_id = "listAccounts", tag = "people", params(AccountsQuery),
    responses((status = 200, body = List<AccountRow>), (status = 403, body = Refusal))
)]
pub(super) async fn list(
    State(rooms): State<Arc<Rooms>>,
    asker: Asker,
    asked: Result<Query<AccountsQuery>, QueryRejection>,
) -> Result<Json<List<AccountRow>>, Problem> {
    let Query(AccountsQuery { cursor }) = asked?;
    reach(&asker)?;
    let found = rooms.staff.ask(move |people, _, _| people.accounts(cursor.as_deref())).await?;
    let next = found.last().filter(|_| found.len() >= 200).map(|last| last.login.to_string());
    let items = found.into_iter().filter(|account| is_within(&asker, account)).map(AccountRow::of).collect();
    Ok(Json(List { items, next }))
}

/// Makes an account. Its first password is told here, once; an operator's waits for a second person.
#[utoipa::path(
    post, path = "/api/accounts", operation_id = "createAccount", tag = "people", request_body = AccountBody,
    responses(
        (status = 201, body = FirstBody), (status = 202, body = FirstBody), (status = 403, body = Refusal),
        (status = 409, body = Refusal)
    )
)]
pub(super) async fn create(
    State(rooms): State<Arc<Rooms>>,
    asker: Asker,
    body: Result<Json<AccountBody>, JsonRejection>,
) -> Result<Response, Problem> {
    let Json(account) = body?;
    let reach = reach(&asker)?;
    let new = new_account(&account)?;
    if reach == Reach::Staff && (new.role != Role::Cashier || new.scope != asker.who.scope) {
        return Err(Problem::denied(Permission::People));
    }
    rooms.staff.ask(move |people, _, _| people.could_create(&new)).await?;
    let (password, first) = rooms.staff.ask_slowly(|_, _, dice| Ok(FirstPassword::made(dice))).await?;
    let reason = account.reason.clone();
    let change = Change::Create { account, first: first.as_str().to_owned() };
    with_password(&rooms, &asker, reach, change, reason, password).await
}

/// Ends an account for the time being, and all its sessions at once. Needs no second person.
#[utoipa::path(
    post, path = "/api/accounts/{name}/disable", operation_id = "disableAccount", tag = "people",
    request_body = ReasonBody, params(("name" = String, Path)),
    responses(
        (status = 204, description = "disabled"), (status = 403, body = Refusal), (status = 404, body = Refusal)
    )
)]
pub(super) async fn disable(
    State(rooms): State<Arc<Rooms>>,
    asker: Asker,
    Path(name): Path<String>,
    body: Result<Json<ReasonBody>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(ReasonBody { reason }) = body?;
    of_reach(&rooms, &asker, &name).await?;
    rooms.staff.note(asker.actor(), What::AccountDisabled, &name, reason).await?;
    rooms.staff.ask(move |people, _, _| people.disable(&name)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets a disabled account in again; an operator's word waits for a second person.
#[utoipa::path(
    post, path = "/api/accounts/{name}/enable", operation_id = "enableAccount", tag = "people",
    request_body = ReasonBody, params(("name" = String, Path)),
    responses(
        (status = 204, description = "enabled"), (status = 202, body = Waits), (status = 403, body = Refusal),
        (status = 404, body = Refusal)
    )
)]
pub(super) async fn enable(
    State(rooms): State<Arc<Rooms>>,
    asker: Asker,
    Path(name): Path<String>,
    body: Result<Json<ReasonBody>, JsonRejection>,
) -> Result<Response, Problem> {
    let Json(ReasonBody { reason }) = body?;
    let reach = of_reach(&rooms, &asker, &name).await?;
    let change = Change::Enable { name };
    Ok(match submit(&rooms, &asker, reach, change, reason).await? {
        Some(proposal) => (StatusCode::ACCEPTED, Json(Waits { proposal })).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

/// Gives an account a new first password and switches its one-time codes off. The password is told here, once.
#[utoipa::path(
    post, path = "/api/accounts/{name}/reset", operation_id = "resetAccount", tag = "people",
    request_body = ReasonBody, params(("name" = String, Path)),
    responses(
        (status = 201, body = FirstBody), (status = 202, body = FirstBody), (status = 403, body = Refusal),
        (status = 404, body = Refusal)
    )
)]
pub(super) async fn reset(
    State(rooms): State<Arc<Rooms>>,
    asker: Asker,
    Path(name): Path<String>,
    body: Result<Json<ReasonBody>, JsonRejection>,
) -> Result<Response, Problem> {
    let Json(ReasonBody { reason }) = body?;
    let reach = of_reach(&rooms, &asker, &name).await?;
    let (password, first) = rooms.staff.ask_slowly(|_, _, dice| Ok(FirstPassword::made(dice))).await?;
    let change = Change::Reset { name, first: first.as_str().to_owned() };
    with_password(&rooms, &asker, reach, change, reason, password).await
}

/// How a waiting change is called in lists.
pub(super) fn called(action: &Action) -> Result<String, Problem> {
    let change: Change = serde_json::from_slice(&action.body).map_err(Problem::unreadable)?;
    Ok(change.called())
}

/// Carries out what two persons want.
pub(super) async fn carry_out(rooms: &Rooms, asker: &Asker, action: &Action) -> Result<StatusCode, Problem> {
    let change: Change = serde_json::from_slice(&action.body).map_err(Problem::unreadable)?;
    apply(rooms, asker, change, "approved").await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How far somebody reaches.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Reach {
    /// All accounts; what gives power needs a second person.
    All,
    /// Cashiers of one's own merchant.
    Staff,
}

fn reach(asker: &Asker) -> Result<Reach, Problem> {
    match asker.must(Permission::People) {
        Ok(()) => Ok(Reach::All),
        Err(problem) => asker.must(Permission::Staff).map(|()| Reach::Staff).map_err(|_| problem),
    }
}

fn is_within(asker: &Asker, account: &Account) -> bool {
    match asker.who.scope {
        Scope::All => true,
        Scope::Merchant(_) => account.scope == asker.who.scope && account.role == Role::Cashier,
    }
}

/// How far somebody reaches who wants to change this account; one that is beyond it is not there.
async fn of_reach(rooms: &Rooms, asker: &Asker, name: &str) -> Result<Reach, Problem> {
    let reach = reach(asker)?;
    let login = name.to_owned();
    let account = rooms.staff.ask(move |people, _, _| people.account(&login)).await?;
    if is_within(asker, &account) {
        Ok(reach)
    } else {
        Err(hefu_people::PeopleError::NoAccount(name.to_owned()).into())
    }
}

async fn with_password(
    rooms: &Rooms,
    asker: &Asker,
    reach: Reach,
    change: Change,
    reason: String,
    password: Secret,
) -> Result<Response, Problem> {
    let proposal = submit(rooms, asker, reach, change, reason).await?;
    let status = if proposal.is_some() { StatusCode::ACCEPTED } else { StatusCode::CREATED };
    let first = FirstBody { password: password.reveal().to_owned(), proposal };
    Ok((status, Extension(HoldsSecret), Json(first)).into_response())
}

/// Does it, or proposes it where a second person is needed: then the proposal's number.
async fn submit(
    rooms: &Rooms,
    asker: &Asker,
    reach: Reach,
    change: Change,
    reason: String,
) -> Result<Option<String>, Problem> {
    if reach == Reach::Staff || asker.who.door == Door::Local {
        apply(rooms, asker, change, &reason).await?;
        return Ok(None);
    }
    let body = serde_json::to_vec(&change).map_err(Problem::unreadable)?;
    let (about, called) = (change.about().to_owned(), change.called());
    let action = Action { permission: Permission::People, kind: KIND.to_owned(), body, about };
    let (who, actor) = (asker.who.clone(), asker.actor());
    let proposed = rooms.staff.ask(move |people, now, _| {
        let proposed = people.propose(&who, &action, &reason, now)?;
        people.note(&actor, What::Propose, &action.about, &format!("{called}: {reason}"), now)?;
        Ok(proposed)
    });
    Ok(Some(proposed.await?.id.to_string()))
}

async fn apply(rooms: &Rooms, asker: &Asker, change: Change, why: &str) -> Result<(), Problem> {
    let detail = format!("{}: {why}", change.called());
    let (what, about) = (change.what(), change.about().to_owned());
    let new = match &change {
        Change::Create { account, .. } => Some(new_account(account)?),
        Change::Enable { .. } | Change::Reset { .. } => None,
    };
    rooms.staff.note(asker.actor(), what, about, detail).await?;
    let applied = rooms.staff.ask(move |people, now, _| match (change, new) {
        (Change::Create { first, .. }, Some(new)) => {
            people.create_with(&new, &FirstPassword::from_hash(first), now)
        }
        (Change::Enable { name }, _) => people.enable(&name),
        (Change::Reset { name, first }, _) => people.reset_with(&name, &FirstPassword::from_hash(first)),
        (Change::Create { .. }, None) => unreachable!("a new account was read above"),
    });
    applied.await
}

fn new_account(body: &AccountBody) -> Result<NewAccount, Problem> {
    let merchant = body.merchant.as_deref().map(|number| MerchantNo::parse(number.as_bytes())).transpose();
    let merchant = merchant.map_err(|error| Problem::bad("merchant", error))?;
    Ok(NewAccount {
        login: Login::parse(&body.name)?,
        display: body.display.clone(),
        role: Role::parse(&body.role).ok_or_else(|| Problem::bad("role", "there is none of that name"))?,
        scope: merchant.map_or(Scope::All, Scope::Merchant),
        language: Language::parse(&body.language).ok_or_else(|| Problem::bad("language", "zh or en"))?,
    })
}

impl AccountRow {
    fn of(account: Account) -> AccountRow {
        AccountRow {
            name: account.login.to_string(),
            display: account.display,
            role: account.role.name(),
            merchant: account.scope.merchant().map(String::from),
            language: account.language.name(),
            must_change_password: account.must_change_password,
            totp: account.totp,
            demo: account.demo,
            disabled: account.disabled,
            created_ms: account.created.0,
        }
    }
}
