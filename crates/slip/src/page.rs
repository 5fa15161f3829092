//! Lines that know what they mean, but not how wide the paper is.
//!
//! Text, pages and printer commands are all made from these lines, so that every form of a slip
//! says the same.

use crate::{
    data::{Language, Mark, Till},
    fields::EslipAddress,
    words::Word,
};

/// One line of a slip, already in its language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// In the middle, large.
    Title(String),
    /// In the middle, not to be overlooked.
    Mark(String),
    Rule,
    /// Label to the left, value to the right.
    Pair {
        label: String,
        value: String,
    },
    /// As a pair, emphasised; the value is never broken.
    Amount {
        label: String,
        value: String,
    },
    /// As a pair, emphasised: the status of what stands.
    Status {
        label: String,
        value: String,
    },
    /// As a pair that nobody may overlook: any other status.
    Alert {
        label: String,
        value: String,
    },
    /// A row of a settlement: a label, a count and an amount under one another.
    Row {
        label: String,
        count: String,
        amount: String,
    },
    /// Running text.
    Text(String),
    /// Room to sign in.
    Signature {
        label: String,
    },
    /// A QR code, or the address itself where none can be drawn.
    Qr {
        caption: String,
        address: EslipAddress,
    },
}

/// Collects lines in one language.
pub(crate) struct Page {
    language: Language,
    lines: Vec<Line>,
}

impl Page {
    pub(crate) fn new(language: Language) -> Page {
        Page { language, lines: Vec::new() }
    }

    pub(crate) fn language(&self) -> Language {
        self.language
    }

    pub(crate) fn push(&mut self, line: Line) {
        self.lines.push(line);
    }

    pub(crate) fn word(&self, word: Word) -> String {
        word.text(self.language).to_owned()
    }

    pub(crate) fn title(&mut self, word: Word) {
        self.push(Line::Title(self.word(word)));
    }

    /// A mark is written in both languages whatever the slip's: nobody may miss it.
    pub(crate) fn marks(&mut self, marks: impl Iterator<Item = Mark>) {
        for mark in marks {
            let word = Word::of_mark(mark);
            self.push(Line::Mark(format!("{} / {}", word.zh(), word.en())));
        }
    }

    /// A rule, unless one stands there already.
    pub(crate) fn rule(&mut self) {
        if self.lines.last() != Some(&Line::Rule) {
            self.push(Line::Rule);
        }
    }

    pub(crate) fn pair(&mut self, label: Word, value: impl Into<String>) {
        self.push(Line::Pair { label: self.word(label), value: value.into() });
    }

    pub(crate) fn pair_if(&mut self, label: Word, value: Option<impl Into<String>>) {
        if let Some(value) = value {
            self.pair(label, value);
        }
    }

    pub(crate) fn amount(&mut self, label: Word, value: String) {
        self.push(Line::Amount { label: self.word(label), value });
    }

    pub(crate) fn status(&mut self, label: Word, value: Word) {
        self.push(Line::Status { label: self.word(label), value: self.word(value) });
    }

    pub(crate) fn alert(&mut self, label: Word, value: Word) {
        self.push(Line::Alert { label: self.word(label), value: self.word(value) });
    }

    pub(crate) fn sentence(&mut self, word: Word) {
        self.push(Line::Text(self.word(word)));
    }

    pub(crate) fn till(&mut self, till: &Till) {
        self.pair(Word::Merchant, till.name.text(self.language));
        self.pair(Word::MerchantNumber, till.merchant.as_str());
        self.pair(Word::Terminal, till.terminal.as_str());
        self.pair(Word::Operator, till.operator.as_str());
    }

    pub(crate) fn finish(mut self) -> Vec<Line> {
        // A section without content leaves its rule behind.
        while self.lines.last() == Some(&Line::Rule) {
            self.lines.pop();
        }
        self.lines
    }
}
