//! `hefu people`: accounts of persons and keys of machines, for whoever is at the gateway's own machine: the first
//! operator, and whoever has locked himself out. The gateway may be running. All of it stands in the audit log.

use crate::{Context, Failure, doors};
use clap::{Subcommand, ValueEnum};
use hefu_node::clock::ScaledClock;
use hefu_people::{
    Account, ApiKey, Language, Login, NewAccount, NewKey, People, Role, Scope, Secret, What as Done, Who,
};
use hefu_tally::{MerchantNo, time::DAY};
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr};

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Make an account; its first password is printed once.
    Add {
        /// 2 to 32 characters of a-z 0-9 . _ -
        name: String,
        #[arg(long, value_enum)]
        role: RoleArg,
        /// As the person is called; else the name.
        #[arg(long)]
        display: Option<String>,
        /// The merchant of a cashier or an owner.
        #[arg(long)]
        merchant: Option<MerchantNo>,
        #[arg(long, value_enum, default_value = "zh")]
        language: crate::config::Language,
    },
    /// End an account for the time being, and all its sessions at once.
    Disable { name: String },
    /// Let a disabled account in again.
    Enable { name: String },
    /// Give an account a new first password, printed once, and switch its one-time codes off.
    Reset { name: String },
    /// List the accounts.
    List,
    /// Go through the audit log and look whether all of it is as it was written.
    Audit,
    /// Keys of machines.
    #[command(subcommand)]
    Keys(Keys),
}

#[derive(Subcommand)]
enum Keys {
    /// Make a key; it is printed once.
    Add {
        /// What it is for.
        label: String,
        #[arg(long, value_enum)]
        role: RoleArg,
        #[arg(long)]
        merchant: Option<MerchantNo>,
        /// How long it is good.
        #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u16).range(1..=731))]
        days: u16,
    },
    /// End a key for good.
    Revoke { id: String },
    /// List the keys.
    List,
}

#[derive(Copy, Clone, ValueEnum)]
#[value(rename_all = "snake_case")]
enum RoleArg {
    Cashier,
    MerchantOwner,
    ServiceAgent,
    Risk,
    Finance,
    Operator,
    Auditor,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Role {
        match role {
            RoleArg::Cashier => Role::Cashier,
            RoleArg::MerchantOwner => Role::MerchantOwner,
            RoleArg::ServiceAgent => Role::ServiceAgent,
            RoleArg::Risk => Role::Risk,
            RoleArg::Finance => Role::Finance,
            RoleArg::Operator => Role::Operator,
            RoleArg::Auditor => Role::Auditor,
        }
    }
}

pub fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let mut desk = Desk { people: doors::people(&context.config, &context.store)?, json: context.json };
    match &args.what {
        What::Add { name, role, display, merchant, language } => {
            let new = NewAccount {
                login: Login::parse(name).map_err(Failure::misuse)?,
                display: display.clone().unwrap_or_else(|| name.clone()),
                role: (*role).into(),
                scope: scope(*merchant),
                language: match language {
                    crate::config::Language::Zh => Language::Zh,
                    crate::config::Language::En => Language::En,
                },
            };
            let password = desk.people.create(&new, ScaledClock::wall(), &mut doors::System);
            let password = password.map_err(Failure::misuse)?;
            desk.note(Done::AccountMade, name, new.role.name())?;
            desk.first_password(name, &password);
            Ok(())
        }
        What::Disable { name } => {
            desk.people.disable(name).map_err(Failure::misuse)?;
            desk.note(Done::AccountDisabled, name, "")?;
            desk.done(&format!("{name}: disabled; all its sessions are over"));
            Ok(())
        }
        What::Enable { name } => {
            desk.people.enable(name).map_err(Failure::misuse)?;
            desk.note(Done::AccountEnabled, name, "")?;
            desk.done(&format!("{name}: enabled"));
            Ok(())
        }
        What::Reset { name } => {
            let password = desk.people.reset(name, &mut doors::System).map_err(Failure::misuse)?;
            desk.note(Done::AccountReset, name, "")?;
            desk.first_password(name, &password);
            Ok(())
        }
        What::List => desk.list(),
        What::Audit => match desk.people.verify_audit().map_err(Failure::found)? {
            Ok(lines) => {
                desk.done(&format!("{lines} lines, all as they were written"));
                Ok(())
            }
            Err(fault) => Err(Failure::found(format!("the audit log was tampered with: {fault}"))),
        },
        What::Keys(keys) => desk.keys(keys),
    }
}

struct Desk {
    people: People,
    json: bool,
}

impl Desk {
    fn note(&mut self, what: Done, about: &str, detail: &str) -> Result<(), Failure> {
        let actor = Who::local().actor(IpAddr::V4(Ipv4Addr::LOCALHOST));
        self.people.note(&actor, what, about, detail, ScaledClock::wall()).map_err(Failure::found)
    }

    fn done(&self, text: &str) {
        if self.json {
            say!("{}", json!({ "done": text }));
        } else {
            say!("{text}");
        }
    }

    fn first_password(&self, name: &str, password: &Secret) {
        if self.json {
            say!("{}", json!({ "name": name, "password": password.reveal() }));
        } else {
            say!("{name}: first password {}", password.reveal());
            say!("It must be changed at the first sign-in. It is not shown again.");
        }
    }

    fn list(&self) -> Result<(), Failure> {
        let mut rows = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = self.people.accounts(after.as_deref()).map_err(Failure::found)?;
            let Some(last) = page.last() else { break };
            after = Some(last.login.to_string());
            rows.extend(page.iter().map(account));
        }
        self.show(rows, &["name", "role", "merchant", "display", "state"]);
        Ok(())
    }

    fn keys(&mut self, keys: &Keys) -> Result<(), Failure> {
        match keys {
            Keys::Add { label, role, merchant, days } => {
                let now = ScaledClock::wall();
                let new = NewKey {
                    label: label.clone(),
                    role: (*role).into(),
                    scope: scope(*merchant),
                    expires: now.after(i64::from(*days) * DAY),
                    made_by: Who::local().name,
                };
                let made = self.people.make_key(&new, now, &mut doors::System).map_err(Failure::misuse)?;
                let (id, key) = made;
                self.note(Done::KeyMade, &id, &format!("{}: {label}", new.role.name()))?;
                if self.json {
                    say!("{}", json!({ "id": id, "key": key.reveal() }));
                } else {
                    say!("{}", key.reveal());
                    say!("Send it as `Authorization: Bearer …`. It is not shown again.");
                }
                Ok(())
            }
            Keys::Revoke { id } => {
                self.people.revoke_key(id).map_err(Failure::misuse)?;
                self.note(Done::KeyRevoked, id, "")?;
                self.done(&format!("{id}: revoked"));
                Ok(())
            }
            Keys::List => {
                let keys = self.people.keys().map_err(Failure::found)?;
                self.show(keys.iter().map(key).collect(), &["id", "role", "merchant", "label", "state"]);
                Ok(())
            }
        }
    }

    fn show(&self, rows: Vec<Value>, columns: &[&str]) {
        if self.json {
            say!("{}", json!({ "items": rows }));
            return;
        }
        for row in rows {
            let cells =
                columns.iter().map(|column| format!("{:<16}", row[*column].as_str().unwrap_or("all")));
            say!("{}", cells.collect::<Vec<_>>().join(" ").trim_end());
        }
    }
}

fn account(account: &Account) -> Value {
    let state = match account {
        Account { disabled: true, .. } => "disabled",
        Account { demo: true, .. } => "of a demonstration",
        Account { must_change_password: true, .. } => "has not signed in",
        account if account.must_enrol() => "has no codes yet",
        _ => "good",
    };
    json!({
        "name": account.login.as_str(), "role": account.role.name(), "display": account.display, "state": state,
        "merchant": account.scope.merchant().map(String::from),
    })
}

fn key(key: &ApiKey) -> Value {
    let over = key.revoked || key.expires <= ScaledClock::wall();
    json!({
        "id": key.id, "role": key.role.name(), "label": key.label, "state": if over { "over" } else { "good" },
        "merchant": key.scope.merchant().map(String::from),
    })
}

fn scope(merchant: Option<MerchantNo>) -> Scope {
    merchant.map_or(Scope::All, Scope::Merchant)
}
