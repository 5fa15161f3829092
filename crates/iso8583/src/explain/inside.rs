//! The sub-fields of a field, each in a row of its own.

use super::{Explanation, Wire};
use crate::Mti;
use crate::cup::{F60, F61, F63Text, Settlement, SettlementAnswer, Totals, Upload, UploadClosing};
use crate::cup::{Sign, SubfieldError, parse_balances};
use crate::dialect::{Coding, FieldSpec, Inside};
use crate::host::{OriginalData, ReversalReason};
use crate::mask::{self, HIDDEN, Readable};
use crate::tlv::{self, TlvError};

/// Adds the rows. Content that has not the form of its sub-fields gets a row that says why.
pub(super) fn explain(
    to: &mut Explanation,
    mti: Mti,
    field: u8,
    spec: &FieldSpec,
    wire: &Wire<'_>,
    value: &[u8],
) {
    let mut parts = Parts { to, field, wire, packed: spec.coding != Coding::Bytes };
    let class = mti.0 / 100;
    let answer = mti.0 / 10 % 2 == 1;
    let result = match spec.inside {
        Inside::Nothing => Ok(()),
        Inside::Tlv => {
            if let Err(error) = parts.elements(value) {
                parts.broken(error.to_string());
            }
            Ok(())
        }
        Inside::Balances => parts.balances(value),
        Inside::CupType => parts.cup_type(value),
        Inside::CupOriginal => parts.cup_original(value),
        Inside::CupBatch if class == 5 => parts.settlement(value),
        Inside::CupBatch if class == 3 && !answer => parts.upload(value),
        Inside::CupBatch => Ok(()),
        Inside::CupTexts if answer => parts.texts(value),
        Inside::CupTexts => Ok(()),
        Inside::HostOriginal => parts.host_original(value),
        Inside::HostReason if class == 4 => parts.host_reason(value),
        Inside::HostReason => Ok(()),
    };
    if let Err(error) = result {
        parts.broken(error.to_string());
    }
}

struct Parts<'a> {
    to: &'a mut Explanation,
    field: u8,
    wire: &'a Wire<'a>,
    /// Two characters a byte.
    packed: bool,
}

impl Parts<'_> {
    /// A sub-field that begins at this character of the value.
    fn part(&mut self, position: usize, part: impl std::fmt::Display, name: &'static str, value: String) {
        let byte = if self.packed { position / 2 } else { position };
        let offset = self.wire.base + self.wire.place.start + byte;
        self.to.add(offset, format!("F{}{part}", self.field), name, String::new(), value);
    }

    fn broken(&mut self, error: String) {
        self.part(0, "", "sub-fields not as expected", error);
    }

    /// All elements up to the first that is broken. Only the content of tags that are known to name
    /// neither the card nor its holder is shown.
    fn elements(&mut self, value: &[u8]) -> Result<(), TlvError> {
        let mut at = 0;
        while let Some(element) = tlv::next_element(value, at)? {
            let content = &value[element.content..element.end];
            let name = tlv::name(element.tag);
            let front = hex::encode(&value[element.offset..element.content]);
            let (hex, shown) = match name {
                Some(_) => (hex::encode(content), hex::encode(content)),
                None => ("**".to_owned(), format!("{HIDDEN} ({} bytes)", content.len())),
            };
            let offset = self.wire.base + self.wire.place.start + element.offset;
            let field = format!("F{} {}", self.field, element.tag);
            self.to.add(offset, field, name.unwrap_or_default(), format!("{front} {hex}"), shown);
            at = element.end;
        }
        Ok(())
    }

    fn balances(&mut self, value: &[u8]) -> Result<(), SubfieldError> {
        for (n, balance) in parse_balances(value)?.into_iter().enumerate() {
            let (at, n) = (20 * n, n + 1);
            self.part(at, format_args!(".{n}"), "account type", format!("{:02}", balance.account_type));
            self.part(at + 2, format_args!(".{n}"), "amount type", format!("{:02}", balance.amount_type));
            self.part(at + 4, format_args!(".{n}"), "currency", format!("{:03}", balance.currency));
            let sign = match balance.sign {
                Sign::Credit => "credit",
                Sign::Debit => "debit",
            };
            self.part(at + 7, format_args!(".{n}"), "balance", format!("{} {sign}", balance.amount));
        }
        Ok(())
    }

    fn cup_type(&mut self, value: &[u8]) -> Result<(), SubfieldError> {
        let f60 = F60::parse(value)?;
        self.part(0, ".1", "message type", format!("{:02}", f60.message_type));
        self.part(2, ".2", "batch", format!("{:06}", f60.batch));
        self.part(8, ".3", "network management code", format!("{:03}", f60.network_code));
        let tail = [
            (11, ".4", "read capability", f60.read_capability.map(|n| format!("{n}"))),
            (12, ".5", "chip condition", f60.chip_condition.map(|n| format!("{n}"))),
            (13, ".6", "part approval possible", f60.part_approval.map(|n| format!("{n}"))),
            (14, ".7", "account type", f60.account.map(|n| format!("{n:03}"))),
            (17, ".8", "rest", f60.rest.map(|n| format!("{n:02}"))),
        ];
        for (position, part, name, value) in tail {
            if let Some(value) = value {
                self.part(position, part, name, value);
            }
        }
        Ok(())
    }

    fn cup_original(&mut self, value: &[u8]) -> Result<(), SubfieldError> {
        let f61 = F61::parse(value)?;
        self.part(0, ".1", "original batch", format!("{:06}", f61.batch));
        self.part(6, ".2", "original trace", format!("{:06}", f61.trace));
        let tail: [(usize, &str, &'static str, Option<&[u8]>); 3] = [
            (12, ".3", "original date", f61.date.as_ref().map(|date| &date[..])),
            (16, ".4", "authorisation mode", f61.mode.as_ref().map(|mode| &mode[..])),
            (18, ".5", "authoriser", f61.authoriser.as_ref().map(|number| &number[..])),
        ];
        for (position, part, name, value) in tail {
            if let Some(value) = value {
                self.part(position, part, name, Readable(value).to_string());
            }
        }
        Ok(())
    }

    fn settlement(&mut self, value: &[u8]) -> Result<(), SubfieldError> {
        let Settlement { domestic, foreign } = Settlement::parse(value)?;
        self.part(0, ".1", "domestic cards", totals(&domestic));
        self.part(31, ".2", "foreign cards", totals(&foreign));
        Ok(())
    }

    fn upload(&mut self, value: &[u8]) -> Result<(), SubfieldError> {
        if let Ok(closing) = UploadClosing::parse(value) {
            self.part(0, ".1", "uploaded in all", closing.total.to_string());
            return Ok(());
        }
        for (n, item) in Upload::parse(value)?.items.iter().enumerate() {
            let card = mask::card_number(item.card_digits());
            let text =
                format!("kind {:02}, trace {:06}, card {card}, {}", item.card_kind, item.trace, item.amount);
            self.part(2 + 40 * n, format_args!(".{}", n + 1), "uploaded transaction", text);
        }
        Ok(())
    }

    fn texts(&mut self, value: &[u8]) -> Result<(), SubfieldError> {
        let texts = F63Text::parse(value)?;
        self.part(0, ".1", "card organisation", Readable(&texts.operator).to_string());
        let places = [
            (3, "issuer's text", &texts.issuer),
            (23, "network's text", &texts.network),
            (43, "acquirer's text", &texts.acquirer),
            (63, "rest", &texts.rest),
        ];
        for (position, name, text) in places {
            if !text.is_empty() {
                self.part(position, ".2", name, Readable(text).to_string());
            }
        }
        Ok(())
    }

    fn host_original(&mut self, value: &[u8]) -> Result<(), SubfieldError> {
        let original = OriginalData::parse(value)?;
        self.part(0, ".1", "original message type", original.mti.to_string());
        self.part(4, ".2", "original trace (STAN)", format!("{:06}", original.stan));
        self.part(10, ".3", "original transmission time", Readable(&original.transmitted).to_string());
        self.part(20, ".4", "original acquirer", Readable(&original.acquirer).to_string());
        self.part(31, ".5", "original forwarder", Readable(&original.forwarder).to_string());
        Ok(())
    }

    fn host_reason(&mut self, value: &[u8]) -> Result<(), SubfieldError> {
        let reason = ReversalReason::parse(value)?;
        self.part(0, ".1", "reason of the reversal", format!("{} {reason:?}", reason.code()));
        Ok(())
    }
}

fn totals(totals: &Totals) -> String {
    let Totals { debit_amount, debit_count, credit_amount, credit_count, answer } = totals;
    let answer = match answer {
        SettlementAnswer::None => "no answer",
        SettlementAnswer::Balanced => "balanced",
        SettlementAnswer::NotBalanced => "not balanced",
        SettlementAnswer::Error => "error",
    };
    format!("debit {debit_amount} in {debit_count}, credit {credit_amount} in {credit_count}, {answer}")
}
