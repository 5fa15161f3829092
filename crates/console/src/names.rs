//! The names of what people may be and do, for the description of the interface.

use hefu_engine::Halt;
use hefu_people::{Language, Permission, Role};
use hefu_view::described;

described! {
    /// What somebody is here for.
    pub(crate) RoleName as "Role": Role by Role::name {
        Cashier, MerchantOwner, ServiceAgent, Risk, Finance, Operator, Auditor,
    }
}

described! {
    /// Something that not everybody may do.
    pub(crate) PermissionName as "Permission": Permission by Permission::name {
        Payments, Reprint, Risk, Decide, DecideBank, Close, Refund, Links, Order, Terminals, Alarms, Audit, Proposals,
        People, Staff, Keys, Drill,
    }
}

described! {
    /// The language that a person reads.
    pub(crate) LanguageName as "Language": Language by Language::name { Zh, En }
}

described! {
    /// Why no new payments are taken on.
    pub(crate) HaltName as "Halt": Halt by halt { DiskLow, ClockJumped, ByHand }
}

/// As it is written in messages.
pub(crate) fn halt(halt: Halt) -> &'static str {
    match halt {
        Halt::DiskLow => "disk_low",
        Halt::ClockJumped => "clock_jumped",
        Halt::ByHand => "by_hand",
    }
}
