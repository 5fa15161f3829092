//! Roles and what they may do: one table, as data.

use hefu_tally::MerchantNo;

/// What somebody is here for.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Role {
    /// At a till of one merchant.
    Cashier,
    /// Answers for one merchant.
    MerchantOwner,
    /// Helps merchants and payers.
    ServiceAgent,
    /// Watches for fraud and loss.
    Risk,
    /// Keeps the books against the bank's.
    Finance,
    /// Runs the gateway.
    Operator,
    /// Looks at everything and changes nothing.
    Auditor,
}

/// Something that not everybody may do.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Permission {
    /// See payments, as far as the scope goes.
    Payments,
    /// See a slip and print it again.
    Reprint,
    /// See the money at risk of all.
    Risk,
    /// Say whether the merchant has it.
    Decide,
    /// Say what the bank's books show. Needs a second person.
    DecideBank,
    /// Close a case that nothing is owed of. Needs a second person.
    Close,
    /// Give a sale back.
    Refund,
    /// See the bank links and how the gateway stands.
    Links,
    /// Order what a bank link is used for. Urgent: needs no second person.
    Order,
    /// See terminals, as far as the scope goes.
    Terminals,
    /// See alarms.
    Alarms,
    /// Read the audit log.
    Audit,
    /// See what waits for a second person.
    Proposals,
    /// Make and change accounts. What gives power needs a second person, what takes it away does not.
    People,
    /// Make and end accounts of one's own cashiers.
    Staff,
    /// Make and revoke keys of machines.
    Keys,
    /// Train on failures.
    Drill,
}

/// Whose payments somebody may see.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Scope {
    All,
    Merchant(MerchantNo),
}

use Permission as P;
use Role::{Auditor, Cashier, Finance, MerchantOwner, Operator, Risk, ServiceAgent};

/// Who may do what.
const TABLE: [(Permission, &[Role]); 17] = [
    (P::Payments, &[Cashier, MerchantOwner, ServiceAgent, Risk, Finance, Operator, Auditor]),
    (P::Reprint, &[Cashier, MerchantOwner, ServiceAgent, Finance, Operator, Auditor]),
    (P::Risk, &[ServiceAgent, Risk, Finance, Operator, Auditor]),
    (P::Decide, &[Cashier, MerchantOwner, ServiceAgent]),
    (P::DecideBank, &[Finance]),
    (P::Close, &[ServiceAgent, Finance]),
    (P::Refund, &[MerchantOwner]),
    (P::Links, &[ServiceAgent, Risk, Finance, Operator, Auditor]),
    (P::Order, &[Operator]),
    (P::Terminals, &[MerchantOwner, ServiceAgent, Risk, Operator, Auditor]),
    (P::Alarms, &[ServiceAgent, Risk, Finance, Operator, Auditor]),
    (P::Audit, &[Operator, Auditor]),
    (P::Proposals, &[ServiceAgent, Finance, Operator, Auditor]),
    (P::People, &[Operator]),
    (P::Staff, &[MerchantOwner]),
    (P::Keys, &[Operator]),
    (P::Drill, &[Cashier, MerchantOwner, ServiceAgent, Risk, Finance, Operator, Auditor]),
];

impl Role {
    pub const ALL: [Role; 7] = [Cashier, MerchantOwner, ServiceAgent, Role::Risk, Finance, Operator, Auditor];

    /// Whether the table says so.
    pub fn may(self, what: Permission) -> bool {
        TABLE.iter().any(|(permission, roles)| *permission == what && roles.contains(&self))
    }

    /// All that it may do, in the table's order.
    pub fn permissions(self) -> impl Iterator<Item = Permission> {
        TABLE.iter().filter(move |(_, roles)| roles.contains(&self)).map(|(permission, _)| *permission)
    }

    /// Whether it belongs to one merchant.
    pub fn is_of_a_merchant(self) -> bool {
        match self {
            Cashier | MerchantOwner => true,
            ServiceAgent | Risk | Finance | Operator | Auditor => false,
        }
    }

    /// Whether one-time codes are asked of it.
    pub fn needs_code(self) -> bool {
        match self {
            Cashier => false,
            MerchantOwner | ServiceAgent | Risk | Finance | Operator | Auditor => true,
        }
    }

    /// As it is written in files and messages.
    pub fn name(self) -> &'static str {
        match self {
            Cashier => "cashier",
            MerchantOwner => "merchant_owner",
            ServiceAgent => "service_agent",
            Risk => "risk",
            Finance => "finance",
            Operator => "operator",
            Auditor => "auditor",
        }
    }

    /// The role of that name.
    pub fn parse(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.name() == name)
    }
}

impl Permission {
    /// As it is written in files and messages.
    pub fn name(self) -> &'static str {
        match self {
            P::Payments => "payments",
            P::Reprint => "reprint",
            P::Risk => "risk",
            P::Decide => "decide",
            P::DecideBank => "decide_bank",
            P::Close => "close",
            P::Refund => "refund",
            P::Links => "links",
            P::Order => "order",
            P::Terminals => "terminals",
            P::Alarms => "alarms",
            P::Audit => "audit",
            P::Proposals => "proposals",
            P::People => "people",
            P::Staff => "staff",
            P::Keys => "keys",
            P::Drill => "drill",
        }
    }

    /// The permission of that name.
    pub fn parse(name: &str) -> Option<Permission> {
        TABLE.iter().map(|(permission, _)| *permission).find(|permission| permission.name() == name)
    }
}

impl Scope {
    /// Whether it holds something of this merchant.
    pub fn holds(self, merchant: &str) -> bool {
        match self {
            Scope::All => true,
            Scope::Merchant(own) => own.as_str() == merchant,
        }
    }

    /// The one merchant, if it is but one.
    pub fn merchant(self) -> Option<MerchantNo> {
        match self {
            Scope::All => None,
            Scope::Merchant(own) => Some(own),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_reads_as_the_rules_say() {
        let says = |role: Role| role.permissions().map(Permission::name).collect::<Vec<_>>().join(" ");
        let expected = [
            (Cashier, "payments reprint decide drill"),
            (MerchantOwner, "payments reprint decide refund terminals staff drill"),
            (ServiceAgent, "payments reprint risk decide close links terminals alarms proposals drill"),
            (Role::Risk, "payments risk links terminals alarms drill"),
            (Finance, "payments reprint risk decide_bank close links alarms proposals drill"),
            (
                Operator,
                "payments reprint risk links order terminals alarms audit proposals people keys drill",
            ),
            (Auditor, "payments reprint risk links terminals alarms audit proposals drill"),
        ];
        for (role, may) in expected {
            assert_eq!(says(role), may, "{role:?}");
        }
    }

    #[test]
    fn an_auditor_changes_nothing_and_no_merchants_person_sees_all() {
        use Permission as P;
        for what in [P::Decide, P::DecideBank, P::Close, P::Refund, P::Order, P::People, P::Staff, P::Keys] {
            assert!(!Auditor.may(what), "{what:?}");
        }
        for role in [Cashier, MerchantOwner] {
            assert!(role.is_of_a_merchant());
            for what in [P::Risk, P::Links, P::Alarms, P::Audit, P::Proposals] {
                assert!(!role.may(what), "{role:?} {what:?}");
            }
        }
    }

    #[test]
    fn names_lead_back() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.name()), Some(role));
            for what in role.permissions() {
                assert_eq!(Permission::parse(what.name()), Some(what));
            }
        }
        assert_eq!((Role::parse("root"), Permission::parse("all")), (None, None));
    }
}
