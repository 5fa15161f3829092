//! The keys of a keypad.

/// One key.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Key {
    /// 0 to 9.
    Digit(u8),
    DoubleZero,
    Point,
    Clear,
    Cancel,
    Enter,
    Menu,
    Up,
    Down,
}

impl Key {
    /// All keys, as they stand on the pad.
    pub fn all() -> impl Iterator<Item = Key> {
        let digits = (0..=9).map(Key::Digit);
        digits.chain([
            Key::DoubleZero,
            Key::Point,
            Key::Clear,
            Key::Cancel,
            Key::Enter,
            Key::Menu,
            Key::Up,
            Key::Down,
        ])
    }

    /// What is printed on it.
    pub fn name(self) -> &'static str {
        const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
        match self {
            Key::Digit(digit) => DIGITS[usize::from(digit % 10)],
            Key::DoubleZero => "00",
            Key::Point => ".",
            Key::Clear => "clear",
            Key::Cancel => "cancel",
            Key::Enter => "enter",
            Key::Menu => "menu",
            Key::Up => "up",
            Key::Down => "down",
        }
    }

    /// The key of that name.
    pub fn named(name: &str) -> Option<Key> {
        Key::all().find(|key| key.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_by_its_name_and_by_no_other() {
        for key in Key::all() {
            assert_eq!(Key::named(key.name()), Some(key));
        }
        for name in ["", "10", "Enter", "a"] {
            assert_eq!(Key::named(name), None, "{name:?}");
        }
    }
}
