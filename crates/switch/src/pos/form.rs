//! The forms of answers: which fields they repeat, whether they carry a MAC.

use hefu_iso8583::{Message, cup::F60};

/// How a request is answered.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// 0110, 0210.
    Money,
    /// 0230: the terminal keeps its request until it is answered.
    Advice,
    /// 0410.
    Reversal,
    /// 0810.
    SignOn,
    /// 0830.
    SignOff,
    /// 0830.
    Echo,
    /// 0830, to a signature.
    Signature,
    /// 0830, to the question what became of a transaction.
    LastResult,
    /// 0830, to the cashier's word whether a sale stands.
    Confirmation,
    /// 0510.
    Settlement,
    /// 0330.
    Upload,
    /// 0630.
    Script,
}

impl Form {
    /// The form of a request's answer as far as MTI and F60 tell; `None` for what is no request.
    pub fn guess(message: &Message) -> Option<Form> {
        let f60 = message.get(60).and_then(|value| F60::parse(value).ok());
        let (message_type, network_code) = f60.map_or((0, 0), |f60| (f60.message_type, f60.network_code));
        match (message.mti.0, message_type, network_code) {
            (100 | 200, _, _) => Some(Form::Money),
            (220, _, _) => Some(Form::Advice),
            (400, _, _) => Some(Form::Reversal),
            (800, _, _) => Some(Form::SignOn),
            (820, 7, _) => Some(Form::Signature),
            (820, _, 301) => Some(Form::Echo),
            (820, _, 390) => Some(Form::LastResult),
            (820, _, 391 | 392) => Some(Form::Confirmation),
            (820, _, _) => Some(Form::SignOff),
            (500, _, _) => Some(Form::Settlement),
            (320, _, _) => Some(Form::Upload),
            (620, _, _) => Some(Form::Script),
            (_, _, _) => None,
        }
    }

    /// The fields of the request that the answer carries too, by the table of the terminal dialect.
    pub fn echoes(self) -> &'static [u8] {
        match self {
            Form::Money | Form::Advice | Form::Reversal => &[2, 3, 4, 11, 14, 25, 41, 42, 49, 60, 63],
            Form::SignOn | Form::SignOff => &[11, 41, 42, 60],
            Form::Echo => &[41, 42, 60],
            Form::Signature => &[11, 15, 37, 41, 42, 60],
            Form::LastResult | Form::Confirmation => &[11, 41, 42, 60, 61],
            Form::Settlement => &[11, 41, 42, 48, 49, 60, 63],
            Form::Upload => &[11, 41, 42, 48, 60],
            Form::Script => &[2, 3, 4, 11, 37, 41, 42, 49, 60],
        }
    }

    /// Whether request and answer carry F64.
    pub fn is_maced(self) -> bool {
        match self {
            Form::Money
            | Form::Advice
            | Form::Reversal
            | Form::Signature
            | Form::LastResult
            | Form::Confirmation
            | Form::Script => true,
            Form::SignOn | Form::SignOff | Form::Echo | Form::Settlement | Form::Upload => false,
        }
    }

    /// Whether the answer names the acquirer (F32).
    pub fn names_acquirer(self) -> bool {
        self != Form::Echo
    }

    /// Whether the answer carries F63 with words for the cashier.
    pub fn has_words(self) -> bool {
        match self {
            Form::Money | Form::Advice | Form::Reversal | Form::LastResult | Form::Confirmation => true,
            Form::SignOn
            | Form::SignOff
            | Form::Echo
            | Form::Signature
            | Form::Settlement
            | Form::Upload
            | Form::Script => false,
        }
    }

    /// Whether F37 of the answer is a reference of the message itself, because no payment stands behind it.
    pub fn has_own_reference(self) -> bool {
        match self {
            Form::SignOn | Form::SignOff | Form::Settlement | Form::Upload => true,
            Form::Money
            | Form::Advice
            | Form::Reversal
            | Form::Echo
            | Form::Signature
            | Form::LastResult
            | Form::Confirmation
            | Form::Script => false,
        }
    }

    /// What a request hears that the engine could not take.
    pub fn when_busy(self) -> WhenBusy {
        match self {
            Form::Money | Form::LastResult | Form::Confirmation => WhenBusy::Unknown,
            Form::SignOn | Form::SignOff => WhenBusy::Unreachable,
            Form::Echo
            | Form::Advice
            | Form::Reversal
            | Form::Signature
            | Form::Settlement
            | Form::Upload
            | Form::Script => WhenBusy::Silence,
        }
    }
}

/// What a request hears that found the door full.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum WhenBusy {
    /// Nothing: the terminal sends it again, and might take any answer for the end of it.
    Silence,
    /// "Unknown": it may be the repeat of a payment that was charged, so nobody may say that nothing was.
    Unknown,
    /// 91: it is about no payment.
    Unreachable,
}
