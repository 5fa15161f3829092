use std::fmt;

/// How the messages of one link are written. Data only: the one codec reads it.
pub struct Dialect {
    /// For people.
    pub name: &'static str,
    /// How the MTI and the lengths in front of variable fields are written.
    pub numbers: Numbers,
    /// How long the bitmap is.
    pub bitmap: Bitmap,
    fields: [Option<FieldSpec>; 129],
}

impl Dialect {
    /// A dialect from its table of fields.
    ///
    /// # Panics
    /// If the table contradicts itself: a field below 2, above 128 or named twice, a length that its
    /// prefix cannot express or that is zero, or BCD for anything but digits. In a `static` that is a
    /// refusal to compile.
    pub const fn new(
        name: &'static str,
        numbers: Numbers,
        bitmap: Bitmap,
        table: &[(u8, FieldSpec)],
    ) -> Self {
        let mut fields = [None; 129];
        let mut row = 0;
        while row < table.len() {
            let (number, spec) = table[row];
            assert!(number >= 2 && number <= 128, "fields run from 2 to 128");
            assert!(fields[number as usize].is_none(), "a field is named once");
            spec.check();
            fields[number as usize] = Some(spec);
            row += 1;
        }
        Self { name, numbers, bitmap, fields }
    }

    /// What the dialect says about a field, or `None` if it has no such field.
    pub fn spec(&self, field: u8) -> Option<&FieldSpec> {
        self.fields.get(usize::from(field))?.as_ref()
    }

    /// The dialect's fields, ascending.
    pub fn specs(&self) -> impl Iterator<Item = (u8, &FieldSpec)> {
        (0u8..=128).filter_map(|field| Some((field, self.spec(field)?)))
    }
}

impl fmt::Debug for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dialect({})", self.name)
    }
}

/// How numbers outside the fields are written.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Numbers {
    /// MTI in 2 bytes; LL in 1 byte, LLL in 2 bytes, right-aligned.
    Bcd,
    /// MTI in 4 characters; LL in 2, LLL in 3.
    Ascii,
}

/// How many bytes of bitmap there are.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Bitmap {
    /// 8 bytes, or 16 if a field above 64 is present, which bit 1 then says.
    AsNeeded,
    /// Always 16 bytes with bit 1 set.
    Always16,
}

/// One field of a dialect.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct FieldSpec {
    /// The field's name in English.
    pub name: &'static str,
    /// What it may contain.
    pub kind: Kind,
    /// How long it is.
    pub length: Length,
    /// How its characters become bytes.
    pub coding: Coding,
    /// The sub-fields, for those who read a message for people.
    pub inside: Inside,
}

impl FieldSpec {
    /// A field without sub-fields.
    pub const fn new(name: &'static str, kind: Kind, length: Length, coding: Coding) -> Self {
        Self { name, kind, length, coding, inside: Inside::Nothing }
    }

    /// The same field with sub-fields.
    pub const fn holding(self, inside: Inside) -> Self {
        Self { inside, ..self }
    }

    const fn check(&self) {
        match self.length {
            Length::Fixed(length) => assert!(length > 0, "a fixed field has content"),
            Length::Ll(max) => assert!(max > 0 && max <= 99, "LL counts to 99"),
            Length::Lll(max) => assert!(max > 0 && max <= 999, "LLL counts to 999"),
        }
        let digits = matches!(self.kind, Kind::N | Kind::Z);
        assert!(digits || matches!(self.coding, Coding::Bytes), "only n and z are BCD");
        if let (Kind::Z, Coding::BcdRight) = (self.kind, self.coding) {
            panic!("track data is left-aligned");
        }
    }
}

/// What a field may contain.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Kind {
    /// n: decimal digits.
    N,
    /// an: letters, digits and the blanks that pad them.
    An,
    /// ans: printable ASCII.
    Ans,
    /// ans that may hold Chinese in GBK: any bytes but control characters.
    Gbk,
    /// z: digits and the separator `D`.
    Z,
    /// b: any bytes.
    B,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::N => "a decimal digit",
            Self::An => "a letter, digit or blank",
            Self::Ans => "a printable ASCII character",
            Self::Gbk => "text without control characters",
            Self::Z => "a digit or the separator D",
            Self::B => "any byte",
        })
    }
}

/// How long a field is: digits for n and z, bytes for the rest.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Length {
    /// Exactly this many.
    Fixed(usize),
    /// Up to this many, counted by two digits in front.
    Ll(usize),
    /// Up to this many, counted by three digits in front.
    Lll(usize),
}

impl Length {
    /// The most that the field may hold.
    pub const fn max(self) -> usize {
        match self {
            Self::Fixed(length) | Self::Ll(length) | Self::Lll(length) => length,
        }
    }
}

/// Which sub-fields a field's content has.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Inside {
    /// None, or free bytes.
    Nothing,
    /// [`crate::tlv`].
    Tlv,
    /// [`crate::cup::parse_balances`].
    Balances,
    /// [`crate::cup::F60`].
    CupType,
    /// [`crate::cup::F61`].
    CupOriginal,
    /// [`crate::cup::Settlement`] in 0500 and 0510, [`crate::cup::Upload`] in 0320.
    CupBatch,
    /// [`crate::cup::F63Text`], in answers.
    CupTexts,
    /// [`crate::host::OriginalData`].
    HostOriginal,
    /// [`crate::host::ReversalReason`], in reversals.
    HostReason,
}

/// How a field's characters become bytes.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Coding {
    /// One byte each.
    Bytes,
    /// Two digits a byte; an odd one is followed by a 0. What stands in that place is not looked at
    /// when decoding, because terminals differ.
    BcdLeft,
    /// Two digits a byte; an odd one is preceded by a 0, treated in the same way.
    BcdRight,
}
