//! Signing in and out, and one's own account.

use super::Rooms;
use crate::{
    door::{Address, Asker},
    names::{LanguageName, PermissionName, RoleName},
    problem::{Problem, Refusal},
};
use axum::{
    Extension, Json,
    extract::{State, rejection::JsonRejection},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use hefu_people::{Actor, Permission, Secret, SignIn, What, Who};
use serde::{Deserialize, Serialize};
use std::{net::IpAddr, sync::Arc};
use utoipa::ToSchema;

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub(super) struct Session {
    name: String,
    display: String,
    #[schema(value_type = RoleName)]
    role: &'static str,
    /// The one merchant whose payments this one sees; none: all.
    #[schema(required = true)]
    merchant: Option<String>,
    #[schema(value_type = LanguageName)]
    language: &'static str,
    /// To be sent back as X-CSRF-Token with whatever changes something.
    csrf: String,
    /// The permissions.
    #[schema(value_type = Vec<PermissionName>)]
    may: Vec<&'static str>,
    must_change_password: bool,
    /// One-time codes are switched on.
    totp: bool,
    /// They must be, before anything else.
    must_enrol: bool,
}

/// What one signs in with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignInBody {
    name: String,
    password: String,
    /// The one-time code, of accounts that have one.
    code: Option<String>,
}

/// A change of one's own password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordBody {
    old: String,
    new: String,
}

/// Who asks for a key shows that he is no passer-by at an open screen.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OfferAskedBody {
    password: String,
}

/// A key for an authenticator app.
#[derive(Serialize, ToSchema)]
pub(super) struct OfferBody {
    uri: String,
    secret: String,
}

/// The code that the app shows.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CodeBody {
    code: String,
}

impl Session {
    fn of(who: &Who, csrf: String) -> Session {
        let may = who.role.permissions().filter(|what| who.may(*what)).map(Permission::name);
        Session {
            name: who.name.clone(),
            display: who.display.clone(),
            role: who.role.name(),
            merchant: who.scope.merchant().map(String::from),
            language: who.language.name(),
            csrf,
            may: may.collect(),
            must_change_password: who.must_change_password,
            totp: who.totp,
            must_enrol: who.must_enrol,
        }
    }
}

/// Who is signed in.
#[utoipa::path(
    get, path = "/api/session", operation_id = "currentSession", tag = "session",
    security(("session" = []), ("key" = [])),
    responses((status = 200, body = Session), (status = 401, body = Refusal))
)]
pub(super) async fn current(State(rooms): State<Arc<Rooms>>, asker: Asker) -> Result<Json<Session>, Problem> {
    let csrf = match asker.session.clone() {
        Some(session) => rooms.staff.ask(move |people, _, _| Ok(people.csrf(session.reveal()))).await?,
        None => String::new(),
    };
    Ok(Json(Session::of(&asker.who, csrf)))
}

/// Signs in. Name and password; then, with `code_wanted` in the refusal, the same with the one-time code.
#[utoipa::path(
    post, path = "/api/session", operation_id = "signIn", tag = "session", security(()), request_body = SignInBody,
    responses((status = 200, body = Session), (status = 401, body = Refusal), (status = 429, body = Refusal))
)]
pub(super) async fn sign_in(
    State(rooms): State<Arc<Rooms>>,
    Extension(Address(address)): Extension<Address>,
    body: Result<Json<SignInBody>, JsonRejection>,
) -> Result<Response, Problem> {
    let Json(SignInBody { name, password, code }) = body?;
    let password = Secret::new(password);
    let staff = &rooms.staff;
    let asked = name.clone();
    let knock = match staff.ask(move |people, now, _| people.knock(&asked, address, now)).await? {
        Ok(knock) => knock,
        // Not written down each time: whoever is made to wait could fill the log.
        Err(until) => return Err(Problem::wait(until, staff.now())),
    };
    let tried = staff.try_password(knock, password).await?;
    let answer = staff.ask(move |people, now, dice| people.let_in(tried, code.as_deref(), now, dice)).await?;
    match answer {
        SignIn::In(signed) => {
            let how = if signed.who.totp { "with a one-time code" } else { "by password" };
            staff.note(signed.who.actor(address), What::SignIn, name, how).await?;
            let cookie = cookie(&rooms, signed.token.reveal(), None)?;
            let session = Json(Session::of(&signed.who, signed.csrf));
            Ok(([(header::SET_COOKIE, cookie)], session).into_response())
        }
        SignIn::Refused => {
            refused(&rooms, &name, address).await?;
            Err(Problem::unknown("name, password or code is wrong"))
        }
        SignIn::CodeWanted => Err(Problem::code_wanted()),
        SignIn::TooMany { until } => Err(Problem::wait(until, staff.now())),
    }
}

/// Writes a refusal down. A name that is nobody's is not: it may be a password in the wrong field.
async fn refused(rooms: &Rooms, name: &str, address: IpAddr) -> Result<(), Problem> {
    let login = name.to_owned();
    let known = rooms.staff.ask(move |people, _, _| Ok(people.account(&login).is_ok())).await?;
    let about = if known { name } else { "nobody of ours" };
    let stranger = Actor::unknown(address);
    rooms.staff.note(stranger, What::SignInRefused, about, "name, password or code").await
}

/// Signs out.
#[utoipa::path(
    delete, path = "/api/session", operation_id = "signOut", tag = "session", security(("session" = [], "csrf" = [])),
    responses((status = 204, description = "signed out"))
)]
pub(super) async fn sign_out(State(rooms): State<Arc<Rooms>>, asker: Asker) -> Result<Response, Problem> {
    let session = of_a_person(&asker)?;
    rooms.staff.ask(move |people, _, _| people.sign_out(session.reveal())).await?;
    rooms.staff.note(asker.actor(), What::SignOut, &asker.who.name, "").await?;
    let cookie = cookie(&rooms, "", Some(0))?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

/// Changes one's own password. All other sessions of the account end.
#[utoipa::path(
    post, path = "/api/session/password", operation_id = "changePassword", tag = "session",
    security(("session" = [], "csrf" = [])), request_body = PasswordBody,
    responses((status = 204, description = "changed"), (status = 400, body = Refusal), (status = 409, body = Refusal))
)]
pub(super) async fn change_password(
    State(rooms): State<Arc<Rooms>>,
    asker: Asker,
    body: Result<Json<PasswordBody>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(PasswordBody { old, new }) = body?;
    let (old, new) = (Secret::new(old), Secret::new(new));
    let session = of_a_person(&asker)?;
    guess(&rooms, &asker).await?;
    let (name, address) = (asker.who.name.clone(), asker.address);
    let change = rooms.staff.ask_slowly(move |people, _, dice| {
        people.change_password(&name, old.reveal(), new.reveal(), session.reveal(), dice)?;
        people.guessed(&name, address);
        Ok(())
    });
    change.await?;
    rooms.staff.note(asker.actor(), What::PasswordChanged, &asker.who.name, "").await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Offers a new key for one-time codes to whoever knows the password. It counts when a code of it was given back.
#[utoipa::path(
    post, path = "/api/session/totp", operation_id = "offerCodes", tag = "session",
    security(("session" = [], "csrf" = [])), request_body = OfferAskedBody,
    responses((status = 200, body = OfferBody), (status = 409, body = Refusal), (status = 429, body = Refusal))
)]
pub(super) async fn offer_codes(
    State(rooms): State<Arc<Rooms>>,
    asker: Asker,
    body: Result<Json<OfferAskedBody>, JsonRejection>,
) -> Result<Json<OfferBody>, Problem> {
    let Json(OfferAskedBody { password }) = body?;
    let password = Secret::new(password);
    of_a_person(&asker)?;
    guess(&rooms, &asker).await?;
    let (name, address) = (asker.who.name, asker.address);
    let offer = rooms.staff.ask_slowly(move |people, _, dice| {
        people.check_password(&name, password.reveal())?;
        people.guessed(&name, address);
        people.offer_codes(&name, dice)
    });
    let offered = offer.await?;
    let (uri, secret) = (offered.uri.reveal().to_owned(), offered.secret.reveal().to_owned());
    Ok(Json(OfferBody { uri, secret }))
}

/// Takes the offered key into use.
#[utoipa::path(
    put, path = "/api/session/totp", operation_id = "confirmCodes", tag = "session",
    security(("session" = [], "csrf" = [])), request_body = CodeBody,
    responses((status = 204, description = "switched on"), (status = 409, body = Refusal))
)]
pub(super) async fn confirm_codes(
    State(rooms): State<Arc<Rooms>>,
    asker: Asker,
    body: Result<Json<CodeBody>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(CodeBody { code }) = body?;
    of_a_person(&asker)?;
    guess(&rooms, &asker).await?;
    let (name, address) = (asker.who.name.clone(), asker.address);
    let confirm = rooms.staff.ask(move |people, now, _| {
        people.confirm_codes(&name, &code, now)?;
        people.guessed(&name, address);
        Ok(())
    });
    confirm.await?;
    rooms.staff.note(asker.actor(), What::CodesSwitchedOn, &asker.who.name, "").await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Counts a guess at a secret of a signed-in person, who may have left his screen alone.
async fn guess(rooms: &Rooms, asker: &Asker) -> Result<(), Problem> {
    let (name, address) = (asker.who.name.clone(), asker.address);
    let counted = rooms.staff.ask(move |people, now, _| Ok(people.count_guess(&name, address, now)));
    counted.await?.map_err(|until| Problem::wait(until, rooms.staff.now()))
}

/// A machine has no session and no account of its own.
fn of_a_person(asker: &Asker) -> Result<Arc<Secret>, Problem> {
    asker.session.clone().ok_or_else(|| Problem::forbidden("only a person who signed in has an account here"))
}

fn cookie(rooms: &Rooms, token: &str, max_age: Option<u32>) -> Result<HeaderValue, Problem> {
    let secure = if rooms.behind_tls { "; Secure" } else { "" };
    let age = max_age.map_or_else(String::new, |age| format!("; Max-Age={age}"));
    let name = rooms.cookie_name();
    let text = format!("{name}={token}; HttpOnly; SameSite=Strict; Path=/{secure}{age}");
    let mut value = HeaderValue::from_str(&text).map_err(Problem::unreadable)?;
    value.set_sensitive(true);
    Ok(value)
}
