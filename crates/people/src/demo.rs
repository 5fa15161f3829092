//! Accounts for a demonstration: one for each role, with passwords that are printed and no one-time codes.

use crate::{
    Dice, Language, Login, NewAccount, People, PeopleError, Role, Scope, Secret, account::insert, password,
};
use hefu_tally::{MerchantNo, Moment};

/// An account to be printed.
pub struct DemoAccount {
    pub login: Login,
    pub password: Secret,
    pub role: Role,
    pub scope: Scope,
}

/// Two of those roles whose word needs a second person's.
const WHO: [(&str, &str, Role); 9] = [
    ("cashier", "收银员 Cashier", Role::Cashier),
    ("owner", "店主 Owner", Role::MerchantOwner),
    ("agent", "客服 Agent", Role::ServiceAgent),
    ("risk", "风控 Risk", Role::Risk),
    ("finance", "财务 Finance", Role::Finance),
    ("finance2", "财务二 Finance 2", Role::Finance),
    ("operator", "运维 Operator", Role::Operator),
    ("operator2", "运维二 Operator 2", Role::Operator),
    ("auditor", "审计 Auditor", Role::Auditor),
];

impl People {
    /// Makes an account for every role. They are marked as made for a demonstration.
    ///
    /// # Errors
    /// [`PeopleError::NotEmpty`] when there is an account already.
    pub fn demo(
        &mut self,
        merchant: MerchantNo,
        now: Moment,
        dice: &mut dyn Dice,
    ) -> Result<Vec<DemoAccount>, PeopleError> {
        let made: Vec<_> = WHO
            .iter()
            .map(|who| {
                let password = password::made(dice);
                let hash = password::hash(password.reveal(), dice);
                (who, password, hash)
            })
            .collect();
        self.change(|tx, _| {
            let accounts: i64 = tx.query_row("SELECT count(*) FROM account", [], |row| row.get(0))?;
            if accounts > 0 {
                return Err(PeopleError::NotEmpty);
            }
            let mut demo = Vec::with_capacity(made.len());
            for ((login, display, role), password, hash) in made {
                let scope = if role.is_of_a_merchant() { Scope::Merchant(merchant) } else { Scope::All };
                let login = Login::parse(login)?;
                let new = NewAccount {
                    login: login.clone(),
                    display: (*display).to_owned(),
                    role: *role,
                    scope,
                    language: Language::Zh,
                };
                insert(tx, &new, &hash, false, true, now)?;
                demo.push(DemoAccount { login, password, role: *role, scope });
            }
            Ok(demo)
        })
    }
}
