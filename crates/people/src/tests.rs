use crate::*;
use hefu_tally::{
    MerchantNo, Moment,
    time::{DAY, HOUR, MINUTE, SECOND},
};
use std::net::IpAddr;

/// Repeatable dice: splitmix64 from a seed.
pub(crate) struct Seeded(pub u64);

impl Dice for Seeded {
    fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^= z >> 31;
            chunk.copy_from_slice(&z.to_be_bytes()[..chunk.len()]);
        }
    }
}

const NOW: Moment = Moment(1_795_400_000_000);
const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
const SHOP: MerchantNo = MerchantNo(*b"898110253110001");
const PASSWORD: &str = "rain on a tin roof";

/// A file, dice, and what is done to them.
struct House {
    people: People,
    dice: Seeded,
}

impl House {
    fn new() -> House {
        House { people: People::in_memory(SecretKey::new([7; 32])).unwrap(), dice: Seeded(1) }
    }

    /// An account that has changed its first password; of a role with codes, these are switched on: their key.
    fn account(&mut self, login: &str, role: Role) -> Option<String> {
        let scope = if role.is_of_a_merchant() { Scope::Merchant(SHOP) } else { Scope::All };
        let new = new(login, role, scope);
        let first = self.people.create(&new, NOW, &mut self.dice).unwrap();
        self.people.change_password(login, first.reveal(), PASSWORD, "", &mut self.dice).unwrap();
        if !role.needs_code() {
            return None;
        }
        let offered = self.people.offer_codes(login, &mut self.dice).unwrap();
        let key = offered.secret.reveal().to_owned();
        let before = Moment(NOW.0 - HOUR);
        self.people.confirm_codes(login, &totp::code(&key, before), before).unwrap();
        Some(key)
    }

    fn sign_in(&mut self, login: &str, password: &str, code: Option<&str>, now: Moment) -> SignIn {
        self.people.sign_in(login, password, code, HOME, now, &mut self.dice).unwrap()
    }

    /// A session of an account made by [`House::account`].
    fn session(&mut self, login: &str, key: Option<&str>, now: Moment) -> (String, Who) {
        let code = key.map(|key| totp::code(key, now));
        match self.sign_in(login, PASSWORD, code.as_deref(), now) {
            SignIn::In(signed) => (signed.token.reveal().to_owned(), signed.who),
            other => panic!("{}", word(&other)),
        }
    }

    fn is_in(&mut self, token: &str, now: Moment) -> bool {
        self.people.session(token, now).unwrap().is_some()
    }
}

fn new(login: &str, role: Role, scope: Scope) -> NewAccount {
    let login = Login::parse(login).unwrap();
    NewAccount { login, display: "林 Lin".to_owned(), role, scope, language: Language::Zh }
}

fn word(answer: &SignIn) -> &'static str {
    match answer {
        SignIn::In(_) => "in",
        SignIn::Refused => "refused",
        SignIn::CodeWanted => "code wanted",
        SignIn::TooMany { .. } => "too many",
    }
}

fn later(ms: i64) -> Moment {
    NOW.after(ms)
}

#[test]
fn wrong_names_and_wrong_passwords_and_disabled_accounts_hear_the_same() {
    let mut house = House::new();
    let key = house.account("lin", Role::Operator).unwrap();
    house.account("kim", Role::Cashier);
    house.account("gone", Role::Cashier);
    house.people.disable("gone").unwrap();
    let code = totp::code(&key, NOW);
    let cases = [
        ("lin", PASSWORD, Some(code.as_str()), "in"),
        ("lin", PASSWORD, None, "code wanted"),
        ("lin", "rain on a tin roof?", None, "refused"),
        ("nobody", PASSWORD, None, "refused"),
        ("gone", PASSWORD, None, "refused"),
        ("", "", None, "refused"),
        ("LIN", PASSWORD, None, "refused"),
        ("kim", PASSWORD, None, "in"),
        ("kim", PASSWORD, Some("123456"), "in"),
    ];
    for (name, password, code, expected) in cases {
        assert_eq!(word(&house.sign_in(name, password, code, NOW)), expected, "{name} {password}");
    }
}

#[test]
fn a_code_is_taken_once_within_a_step_and_never_an_older_one() {
    let mut house = House::new();
    let key = house.account("lin", Role::Finance).unwrap();
    let mut check = |code_of: i64, now: i64, expected: &str| {
        let code = totp::code(&key, later(code_of));
        let answer = house.sign_in("lin", PASSWORD, Some(&code), later(now));
        assert_eq!(word(&answer), expected, "the code of {code_of} at {now}");
    };
    check(-DAY, 0, "refused");
    check(-2 * MINUTE, 0, "refused");
    check(0, 0, "in");
    check(0, SECOND, "refused");
    check(-30 * SECOND, 2 * SECOND, "refused");
    check(30 * SECOND, 3 * SECOND, "in");
    let answer = house.sign_in("lin", PASSWORD, Some("12345x"), later(5 * SECOND));
    assert_eq!(word(&answer), "refused");
}

#[test]
fn a_key_for_codes_counts_when_a_code_of_it_was_given_back() {
    let mut house = House::new();
    let old = house.account("lin", Role::Risk).unwrap();
    let offered = house.people.offer_codes("lin", &mut house.dice).unwrap();
    assert!(offered.uri.reveal().contains("otpauth://totp/Hefu:lin?secret="));
    let wrong = house.people.confirm_codes("lin", "000000", NOW);
    assert!(matches!(wrong, Err(PeopleError::WrongCode)));
    house.session("lin", Some(&old), NOW);
    let fresh = offered.secret.reveal();
    house.people.confirm_codes("lin", &totp::code(fresh, later(MINUTE)), later(MINUTE)).unwrap();
    let code = totp::code(&old, later(2 * MINUTE));
    assert_eq!(word(&house.sign_in("lin", PASSWORD, Some(&code), later(2 * MINUTE))), "refused");
    house.session("lin", Some(fresh), later(2 * MINUTE));
    let again = house.people.confirm_codes("lin", "000000", NOW);
    assert!(matches!(again, Err(PeopleError::NothingOffered)));
}

#[test]
fn guessing_is_slowed_and_a_locked_name_does_not_tell_that_it_exists() {
    let mut house = House::new();
    house.account("kim", Role::Cashier);
    for name in ["kim", "nobody"] {
        for _ in 0..5 {
            assert_eq!(word(&house.sign_in(name, "wrong", None, NOW)), "refused");
        }
        for password in ["wrong", PASSWORD] {
            let answer = house.sign_in(name, password, None, later(SECOND));
            let SignIn::TooMany { until } = answer else { panic!("{name}: {}", word(&answer)) };
            assert_eq!(until, later(5 * SECOND), "{name}");
        }
    }
    house.session("kim", None, later(5 * SECOND));
}

#[test]
fn half_open_accounts_may_do_nothing_but_open_themselves() {
    let mut house = House::new();
    let new = new("lin", Role::Operator, Scope::All);
    let first = house.people.create(&new, NOW, &mut house.dice).unwrap();
    let SignIn::In(signed) = house.sign_in("lin", first.reveal(), None, NOW) else { panic!("not in") };
    assert!(signed.who.must_change_password && signed.who.must_enrol);
    assert!(Permission::parse("links").is_some_and(|links| !signed.who.may(links)));
    let token = signed.token.reveal();
    let other = house.sign_in("lin", first.reveal(), None, NOW);
    let SignIn::In(other) = other else { panic!("not in") };
    let mut change =
        |old: &str, new: &str| house.people.change_password("lin", old, new, token, &mut house.dice);
    assert!(matches!(change("another", PASSWORD), Err(PeopleError::WrongPassword)));
    assert!(matches!(change(first.reveal(), "password1234"), Err(PeopleError::Password(_))));
    change(first.reveal(), PASSWORD).unwrap();
    let who = house.people.session(token, NOW).unwrap().unwrap();
    assert!(!who.must_change_password && who.must_enrol, "the session that asked stays");
    assert!(!house.is_in(other.token.reveal(), NOW), "the others end");
    let offered = house.people.offer_codes("lin", &mut house.dice).unwrap();
    let code = totp::code(offered.secret.reveal(), NOW);
    house.people.confirm_codes("lin", &code, NOW).unwrap();
    assert!(house.people.session(token, NOW).unwrap().unwrap().may(Permission::Links));
}

#[test]
fn sessions_end_by_idleness_age_sign_out_reset_and_disabling() {
    let mut house = House::new();
    house.account("kim", Role::Cashier);
    let (token, _) = house.session("kim", None, NOW);
    assert!(house.is_in(&token, later(IDLE)));
    assert!(!house.is_in(&token, later(2 * IDLE + 1)), "idle since it was seen");
    assert!(!house.is_in("made up", NOW));
    let (token, _) = house.session("kim", None, NOW);
    let mut now = NOW;
    while now.since(NOW) <= ABSOLUTE {
        assert!(house.is_in(&token, now));
        now = now.after(IDLE - SECOND);
    }
    assert!(!house.is_in(&token, now), "too old, though it was used");

    let (token, _) = house.session("kim", None, NOW);
    house.people.sign_out(&token).unwrap();
    assert!(!house.is_in(&token, NOW));
    let (token, _) = house.session("kim", None, NOW);
    house.people.sign_out_all("kim").unwrap();
    assert!(!house.is_in(&token, NOW));
    let (token, _) = house.session("kim", None, NOW);
    house.people.disable("kim").unwrap();
    assert!(!house.is_in(&token, NOW));
    house.people.enable("kim").unwrap();
    assert!(!house.is_in(&token, NOW), "what ended does not begin again");
    let (token, _) = house.session("kim", None, NOW);
    house.people.reset("kim", &mut house.dice).unwrap();
    assert!(!house.is_in(&token, NOW));
    assert_eq!(word(&house.sign_in("kim", PASSWORD, None, NOW)), "refused");
}

#[test]
fn a_reset_switches_codes_off_and_asks_for_new_ones() {
    let mut house = House::new();
    house.account("lin", Role::Auditor);
    let first = house.people.reset("lin", &mut house.dice).unwrap();
    let SignIn::In(signed) = house.sign_in("lin", first.reveal(), None, NOW) else { panic!("not in") };
    assert!(signed.who.is_half_in() && signed.who.must_enrol);
    assert!(matches!(house.people.reset("nobody", &mut house.dice), Err(PeopleError::NoAccount(_))));
}

#[test]
fn the_oldest_of_nine_sessions_goes() {
    let mut house = House::new();
    house.account("kim", Role::Cashier);
    let tokens: Vec<_> = (0..9).map(|n| house.session("kim", None, later(n * 10 * SECOND)).0).collect();
    let open: Vec<_> = tokens.iter().map(|token| house.is_in(token, later(2 * MINUTE))).collect();
    assert_eq!(open, [false, true, true, true, true, true, true, true, true]);
}

#[test]
fn a_csrf_token_is_of_one_session() {
    let mut house = House::new();
    house.account("kim", Role::Cashier);
    let (one, other) = (house.session("kim", None, NOW).0, house.session("kim", None, NOW).0);
    let csrf = house.people.csrf(&one);
    assert!(house.people.is_csrf(&one, &csrf));
    for wrong in ["", "x", csrf.get(1..).unwrap(), one.as_str(), &house.people.csrf(&other)] {
        assert!(!house.people.is_csrf(&one, wrong), "{wrong}");
    }
}

#[test]
fn names_scopes_and_texts_are_checked() {
    let long = "x".repeat(33);
    for wrong in ["", "a", "Lin", "li na", "林", "local", long.as_str(), "a/b", "key:1"] {
        assert!(Login::parse(wrong).is_err(), "{wrong}");
    }
    let mut house = House::new();
    let mut create =
        |new: &NewAccount| house.people.create(new, NOW, &mut house.dice).err().map(|e| e.to_string());
    assert_eq!(create(&new("lin", Role::Cashier, Scope::All)).unwrap(), "a cashier belongs to one merchant");
    let wide = new("lin", Role::Finance, Scope::Merchant(SHOP));
    assert_eq!(create(&wide).unwrap(), "a finance belongs to no merchant");
    assert_eq!(create(&new("lin", Role::Finance, Scope::All)), None);
    assert_eq!(create(&new("lin", Role::Finance, Scope::All)).unwrap(), "there is an account `lin` already");
    let nameless = NewAccount { display: " ".into(), ..new("li", Role::Finance, Scope::All) };
    assert!(create(&nameless).unwrap().starts_with("display name: "));
    let names: Vec<_> =
        house.people.accounts(None).unwrap().into_iter().map(|a| a.login.to_string()).collect();
    assert_eq!(names, ["lin"]);
}

#[test]
fn keys_of_machines_are_good_until_they_expire_are_revoked_or_their_maker_goes() {
    let mut house = House::new();
    house.account("lin", Role::Operator);
    let expires = later(DAY);
    let new = NewKey {
        label: "nightly report".into(),
        role: Role::Auditor,
        scope: Scope::All,
        expires,
        made_by: "lin".into(),
    };
    let make = |house: &mut House| {
        let (id, key) = house.people.make_key(&new, NOW, &mut house.dice).unwrap();
        (id, key.reveal().to_owned())
    };
    let (id, key) = make(&mut house);
    let good = |house: &mut House, key: &str, now| house.people.key(key, now).unwrap().is_some();
    let who = house.people.key(&key, NOW).unwrap().unwrap();
    assert_eq!((who.name, who.role, who.door), (format!("key:{id}"), Role::Auditor, Door::Key));
    assert!(!good(&mut house, &key, expires), "expired");
    let (_, other) = make(&mut house);
    let mixed = format!("hefu_{id}_{}", other.rsplit('_').next().unwrap());
    for wrong in ["", "hefu_", "hefu_x_y", &key[..key.len() - 1], &mixed] {
        assert!(!good(&mut house, wrong, NOW), "{wrong}");
    }
    house.people.revoke_key(&id).unwrap();
    assert!(!good(&mut house, &key, NOW) && good(&mut house, &other, NOW));
    house.people.disable("lin").unwrap();
    assert!(!good(&mut house, &other, NOW), "its maker is gone");
    assert!(matches!(house.people.revoke_key("x"), Err(PeopleError::NoKey(_))));
    let late = NewKey { expires: later(3 * 366 * DAY), ..new.clone() };
    assert!(matches!(house.people.make_key(&late, NOW, &mut house.dice), Err(PeopleError::KeyTime)));
}

fn action() -> Action {
    Action {
        permission: Permission::DecideBank,
        kind: "decide".into(),
        body: br#"{"decision":"undone"}"#.to_vec(),
        about: "6327Y0000113".into(),
    }
}

#[test]
fn a_proposal_is_approved_by_a_second_person_and_done_once() {
    let mut house = House::new();
    let mut person = |login: &str, role: Role| {
        let key = house.account(login, role);
        house.session(login, key.as_deref(), NOW).1
    };
    let (anna, bo, risk) =
        (person("anna", Role::Finance), person("bo", Role::Finance), person("rita", Role::Risk));
    let people = &mut house.people;
    let refused = people.propose(&risk, &action(), "seen", NOW);
    assert!(matches!(refused, Err(PeopleError::NotAllowed(Permission::DecideBank))));
    assert!(matches!(people.propose(&anna, &action(), " ", NOW), Err(PeopleError::Text { .. })));
    let proposed = people.propose(&anna, &action(), "the file of today", NOW).unwrap();
    let id = proposed.id;
    assert_eq!(people.pending(None, 10, NOW).unwrap().len(), 1);
    assert_eq!(people.take_approved(id).unwrap(), None, "nobody has approved it");

    assert!(matches!(people.decide(&anna, id, Verdict::Approve, NOW), Err(PeopleError::OwnProposal)));
    assert!(matches!(people.decide(&risk, id, Verdict::Approve, NOW), Err(PeopleError::NotAllowed(_))));
    let machine = Who { door: Door::Key, ..bo.clone() };
    assert!(matches!(people.decide(&machine, id, Verdict::Approve, NOW), Err(PeopleError::Machine)));
    let late = people.decide(&bo, id, Verdict::Approve, proposed.expires);
    assert!(matches!(late, Err(PeopleError::Decided("expired"))));
    let approved = people.decide(&bo, id, Verdict::Approve, NOW).unwrap();
    assert_eq!(approved.state, State::Approved);
    let twice = people.decide(&bo, id, Verdict::Approve, NOW);
    assert!(matches!(twice, Err(PeopleError::Decided("approved"))), "two approvals: one counts");
    assert_eq!(people.take_approved(id).unwrap(), Some(action()));
    assert_eq!(people.take_approved(id).unwrap(), None, "once");
    people.note_outcome(id, "done").unwrap();
    assert!(people.pending(None, 10, NOW).unwrap().is_empty());

    let other = people.propose(&anna, &action(), "again", NOW).unwrap().id;
    people.decide(&bo, other, Verdict::Refuse, NOW).unwrap();
    assert_eq!(people.take_approved(other).unwrap(), None);
    let large = Action { body: vec![b'x'; MOST_ACTION_BYTES + 1], ..action() };
    assert!(people.propose(&anna, &large, "large", NOW).is_err());
    let third = people.propose(&anna, &action(), "old", NOW).unwrap();
    assert!(people.pending(None, 10, third.expires).unwrap().is_empty(), "what has expired does not wait");
    people.prune(later(100 * DAY)).unwrap();
    assert!(matches!(people.proposal(id), Err(PeopleError::NoProposal(_))));
}

#[test]
fn a_repeated_request_hears_the_first_answer() {
    let mut house = House::new();
    let people = &mut house.people;
    let begin = |people: &mut People, who: &str, key: &str, request: &str, now: Moment| {
        people.begin_request(who, key, request.as_bytes(), now).unwrap()
    };
    assert_eq!(begin(people, "lin", "k1", "close", NOW), Begun::Fresh);
    assert_eq!(begin(people, "lin", "k1", "close", NOW), Begun::InProgress);
    assert_eq!(begin(people, "kim", "k1", "close", NOW), Begun::Fresh, "keys are each one's own");
    people.end_request("lin", "k1", 202, b"{}").unwrap();
    let done = Begun::Done { status: 202, body: b"{}".to_vec() };
    assert_eq!(begin(people, "lin", "k1", "close", later(DAY)), done);
    assert_eq!(begin(people, "lin", "k1", "open", NOW), Begun::Another);
    people.drop_request("lin", "k1").unwrap();
    assert_eq!(begin(people, "lin", "k1", "close", NOW), done, "what was answered is not dropped");
    people.drop_request("kim", "k1").unwrap();
    assert_eq!(begin(people, "kim", "k1", "close", NOW), Begun::Fresh);
    assert_eq!(begin(people, "lin", "k1", "close", later(DAY + 1)), Begun::Fresh, "a day later");
    for wrong in ["", &"k".repeat(65)] {
        assert!(people.begin_request("lin", wrong, b"", NOW).is_err());
    }
    assert!(people.end_request("lin", "k1", 200, &[b' '; MOST_BODY_BYTES + 1]).is_err());
}

#[test]
fn the_audit_log_is_read_by_page_and_whatever_was_done_to_it_is_found() {
    let mut house = House::new();
    let people = &mut house.people;
    let actor = |who: &str| Actor { who: who.into(), role: "operator", address: "127.0.0.1".into() };
    for n in 0..30 {
        let who = if n % 3 == 0 { "lin" } else { "kim" };
        people
            .note(&actor(who), What::Look, &format!("payment {n}"), "page\nof two lines", later(n))
            .unwrap();
    }
    let query = |who: Option<&str>, before| AuditQuery {
        who: who.map(Into::into),
        before,
        limit: 4,
        ..AuditQuery::default()
    };
    let numbers = |people: &People, query: &AuditQuery| -> Vec<i64> {
        people.audit(query).unwrap().iter().map(|line| line.no).collect()
    };
    assert_eq!(numbers(people, &query(None, None)), [30, 29, 28, 27]);
    assert_eq!(numbers(people, &query(None, Some(27))), [26, 25, 24, 23]);
    assert_eq!(numbers(people, &query(Some("lin"), None)), [28, 25, 22, 19]);
    assert_eq!(people.audit(&query(None, None)).unwrap()[0].detail, "page of two lines");
    assert_eq!(people.verify_audit().unwrap(), Ok(30));

    for statement in
        ["UPDATE audit SET who = 'kim'", "DELETE FROM audit", "REPLACE INTO audit SELECT * FROM audit"]
    {
        let refused = people.connection.execute_batch(statement);
        assert!(refused.unwrap_err().to_string().contains("never"), "{statement}");
    }
    let harm = |statement: &str, expected: AuditFault| {
        let drop = "BEGIN; DROP TRIGGER audit_is_never_changed; DROP TRIGGER audit_is_never_deleted;";
        people.connection.execute_batch(&format!("{drop} {statement}")).unwrap();
        assert_eq!(people.verify_audit().unwrap(), Err(expected), "{statement}");
        people.connection.execute_batch("ROLLBACK").unwrap();
    };
    harm("UPDATE audit SET who = 'kim' WHERE no = 7", AuditFault::Changed(7));
    harm("UPDATE audit SET who = 'kimpayment', about = '' WHERE no = 8", AuditFault::Changed(8));
    harm("DELETE FROM audit WHERE no = 9", AuditFault::Missing(9));
    harm("DELETE FROM audit WHERE no = 30; UPDATE audit SET no = 30 WHERE no = 29", AuditFault::Missing(29));
    harm(
        "INSERT INTO audit SELECT 31, at, who, role, address, what, about, detail, hash FROM audit WHERE no = 30",
        AuditFault::Changed(31),
    );
    assert_eq!(people.verify_audit().unwrap(), Ok(30));
}

#[test]
fn a_demonstration_has_an_account_of_every_role_and_only_where_there_is_none() {
    let mut house = House::new();
    assert!(!house.people.has_demo_accounts().unwrap());
    let made = house.people.demo(SHOP, NOW, &mut house.dice).unwrap();
    for role in Role::ALL {
        assert!(made.iter().any(|account| account.role == role), "{role:?}");
    }
    for account in &made {
        let address = IpAddr::from([10, 0, 0, 1]);
        let (login, password) = (account.login.as_str(), account.password.reveal());
        let answer = house.people.sign_in(login, password, None, address, NOW, &mut house.dice).unwrap();
        let SignIn::In(signed) = answer else { panic!("{login}: {}", word(&answer)) };
        assert!(!signed.who.is_half_in());
        assert_eq!(signed.who.scope == Scope::All, !account.role.is_of_a_merchant());
    }
    assert!(house.people.has_demo_accounts().unwrap() && !house.people.has_real_accounts().unwrap());
    let again = house.people.demo(SHOP, NOW, &mut house.dice);
    assert!(matches!(again, Err(PeopleError::NotEmpty)));
}

#[test]
fn the_file_holds_no_secret_in_clear_and_opens_under_its_own_key_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.db");
    let open = |key: u8| People::open(&path, SecretKey::new([key; 32]));
    let mut house = House { people: open(7).unwrap(), dice: Seeded(3) };
    let key = house.account("lin", Role::Operator).unwrap();
    let (token, _) = house.session("lin", Some(&key), NOW);
    let csrf = house.people.csrf(&token);
    let new = NewKey {
        label: "report".into(),
        role: Role::Auditor,
        scope: Scope::All,
        expires: later(DAY),
        made_by: "lin".into(),
    };
    let (_, machine) = house.people.make_key(&new, NOW, &mut house.dice).unwrap();
    let secret = machine.reveal().rsplit('_').next().unwrap().to_owned();
    let raw = data_encoding::BASE32_NOPAD.decode(key.as_bytes()).unwrap();
    let token_bytes = data_encoding::BASE64URL_NOPAD.decode(token.as_bytes()).unwrap();

    let mut file = std::fs::read(&path).unwrap();
    file.extend(std::fs::read(folder.path().join("people.db-wal")).unwrap());
    let holds = |bytes: &[u8]| file.windows(bytes.len()).any(|window| window == bytes);
    assert!(holds(b"lin") && holds(b"$argon2id$"), "it is the file that we look into");
    for (what, bytes) in [
        ("password", PASSWORD.as_bytes()),
        ("token", token.as_bytes()),
        ("token's bytes", &token_bytes),
        ("csrf token", csrf.as_bytes()),
        ("key for codes", key.as_bytes()),
        ("its bytes", &raw),
        ("machine's key", secret.as_bytes()),
    ] {
        assert!(!holds(bytes), "{what}");
    }
    drop(house);
    assert!(matches!(open(8), Err(PeopleError::OtherKey { .. })));
    let mut again = open(7).unwrap();
    assert!(again.session(&token, later(SECOND)).unwrap().is_some(), "sessions outlive a restart");
    let foreign = folder.path().join("other.db");
    rusqlite::Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    let refused = People::open(&foreign, SecretKey::new([7; 32]));
    assert!(matches!(refused, Err(PeopleError::Foreign { .. })));
}

#[test]
fn two_processes_approve_at_once_and_one_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.db");
    let open = || People::open(&path, SecretKey::new([7; 32])).unwrap();
    let mut house = House { people: open(), dice: Seeded(3) };
    let mut person = |login: &str| {
        let key = house.account(login, Role::Finance);
        house.session(login, key.as_deref(), NOW).1
    };
    let (anna, bo, cy) = (person("anna"), person("bo"), person("cy"));
    let ids: Vec<i64> =
        (0..8).map(|_| house.people.propose(&anna, &action(), "seen", NOW).unwrap().id).collect();
    let race = |who: Who, mut people: People| {
        let ids = ids.clone();
        std::thread::spawn(move || {
            let taken = |id: &&i64| {
                let approved = people.decide(&who, **id, Verdict::Approve, NOW).is_ok();
                let taken = people.take_approved(**id).unwrap().is_some();
                let line = people.note(&who.actor(HOME), What::Approve, "x", "", NOW);
                line.unwrap();
                assert!(approved || !taken || people.proposal(**id).unwrap().state == State::Taken);
                taken
            };
            ids.iter().filter(taken).count()
        })
    };
    let (first, second) = (race(bo, open()), race(cy, open()));
    assert_eq!(first.join().unwrap() + second.join().unwrap(), ids.len());
    assert_eq!(house.people.verify_audit().unwrap(), Ok(16), "lines of both, without gaps");
}
