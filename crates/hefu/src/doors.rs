//! Who may come in: the people's file beside the store, the local operator's token, and what a public address wants.

use crate::{Failure, config::Config};
use hefu_console::StaffConfig;
use hefu_node::clock::ScaledClock;
use hefu_people::{Dice, People, Scope, Secret, SecretKey};
use hefu_tally::MerchantNo;
use hefu_vault::MasterKey;
use serde_json::{Value, json};
use std::{
    fs,
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The operating system's dice.
pub struct System;

impl Dice for System {
    fn fill(&mut self, out: &mut [u8]) {
        getrandom::fill(out).expect("an operating system without chance can make no tokens");
    }
}

/// Opens the people's file beside the store.
pub fn people(config: &Config, store: &Path) -> Result<People, Failure> {
    if let Some(directory) = store.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        fs::create_dir_all(directory).map_err(Failure::found)?;
    }
    let master = MasterKey::from_hex(&config.master_key).map_err(Failure::misuse)?;
    let key = SecretKey::new(*master.derived("people"));
    let path = store.with_extension("people.db");
    // Its owner's alone from the first; the log beside it takes the same mode.
    let made = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    match made {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(Failure::found(format!("{}: {error}", path.display()))),
    }
    People::open(&path, key).map_err(Failure::found)
}

/// Where the token lies that lets in whoever may read the gateway's own files.
pub fn token_path(store: &Path) -> PathBuf {
    store.with_extension("ops-token")
}

/// What the console needs to know its people. Each start has a new token for the local operator.
pub fn staff(config: &Config, store: &Path) -> Result<StaffConfig, Failure> {
    let mut dice = System;
    let mut token = [0; 32];
    dice.fill(&mut token);
    let local = Secret::new(hex::encode(token));
    write_private(&token_path(store), local.reveal())?;
    Ok(StaffConfig {
        people: people(config, store)?,
        dice: Box::new(dice),
        wall: Arc::new(ScaledClock::wall),
        local,
    })
}

/// Refuses a console on a public address that strangers could walk into.
pub fn check(config: &Config, store: &Path) -> Result<(), Failure> {
    let listen = config.console.listen;
    if listen.ip().is_loopback() && !config.console.behind_tls {
        return Ok(());
    }
    let refuse = |why: &str| {
        Err(Failure::misuse(format!("the console is to be reached from elsewhere ({listen}): {why}")))
    };
    if config.has_test_master_key() {
        return refuse(
            "the master key is the example's, which everybody knows: set HEFU_MASTER_KEY or master_key, and take a \
             new store",
        );
    }
    let people = people(config, store)?;
    if people.has_demo_accounts().map_err(Failure::found)? {
        return refuse("there are accounts of a demonstration: disable each, `hefu people disable <name>`");
    }
    if !people.has_real_accounts().map_err(Failure::found)? {
        return refuse(
            "nobody could sign in: make an account first, `hefu people add <name> --role operator`",
        );
    }
    if !config.console.behind_tls {
        tracing::warn!("the console speaks plain http on {listen}: put a proxy with https in front of it");
    }
    Ok(())
}

/// Sign-ins for a demonstration, made at its first start and kept beside its store, so that they can be told again.
pub fn demo(config: &Config, store: &Path, merchant: MerchantNo) -> Result<Value, Failure> {
    let kept = store.with_extension("sign-ins.json");
    if let Ok(text) = fs::read_to_string(&kept) {
        return serde_json::from_str(&text).map_err(Failure::found);
    }
    let mut people = people(config, store)?;
    let made = people.demo(merchant, ScaledClock::wall(), &mut System).map_err(Failure::found)?;
    let rows: Value = made
        .iter()
        .map(|account| {
            let merchant = match account.scope {
                Scope::All => None,
                Scope::Merchant(number) => Some(number.to_string()),
            };
            json!({
                "name": account.login.as_str(), "password": account.password.reveal(),
                "role": account.role.name(), "merchant": merchant,
            })
        })
        .collect();
    write_private(&kept, &rows.to_string())?;
    Ok(rows)
}

/// The sign-ins as a small table.
pub fn table(sign_ins: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("all").to_owned();
    let mut lines = vec![format!("  {:<10} {:<15} {:<15} sees", "name", "password", "role")];
    for row in sign_ins.as_array().into_iter().flatten() {
        let [name, password, role, merchant] =
            ["name", "password", "role", "merchant"].map(|key| text(&row[key]));
        lines.push(format!("  {name:<10} {password:<15} {role:<15} {merchant}"));
    }
    lines.push("  These are for a demonstration: no one-time code is asked of them, and a public address refuses them.".into());
    lines.join("\n")
}

/// Writes a file that its owner alone may read.
fn write_private(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::found(format!("{}: {error}", path.display()));
    // Beside it first, so that nobody reads half of it, and never into a file that others may read.
    let fresh = path.with_added_extension("new");
    let _ = fs::remove_file(&fresh);
    let mut file =
        fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh).map_err(failed)?;
    writeln!(file, "{text}").map_err(failed)?;
    fs::rename(&fresh, path).map_err(failed)
}
