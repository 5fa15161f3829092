use crate::subfield::SubfieldError;

/// Bytes of each of the first three texts on the wire.
const TEXT_SIZE: usize = 20;
/// Bytes of F63 at most.
const MAX: usize = 163;

/// F63 of an answer: the card organisation, and texts to be printed on the slip.
///
/// The texts are bytes, because Chinese is sent in GBK; the blanks that pad them are taken off.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct F63Text {
    /// .1, an3: card organisation (`CUP`), in a request the operator.
    pub operator: [u8; 3],
    /// .2, at most 20 bytes.
    pub issuer: Vec<u8>,
    /// .2, at most 20 bytes.
    pub network: Vec<u8>,
    /// .2, at most 20 bytes.
    pub acquirer: Vec<u8>,
    /// What follows the three texts, at most 100 bytes.
    pub rest: Vec<u8>,
}

impl F63Text {
    /// Reads the content of F63. Texts that are absent are empty.
    ///
    /// # Errors
    /// Fewer than three bytes, or more than 163.
    pub fn parse(value: &[u8]) -> Result<Self, SubfieldError> {
        let found = value.len();
        let Some((&operator, mut rest)) = value.split_first_chunk() else {
            return Err(SubfieldError::WrongLength { field: "F63", expected: "3 to 163", found });
        };
        if found > MAX {
            return Err(SubfieldError::WrongLength { field: "F63", expected: "3 to 163", found });
        }
        let mut text = |size: usize| {
            let (text, more) = rest.split_at(size.min(rest.len()));
            rest = more;
            let end = text.iter().rposition(|&byte| byte != b' ').map_or(0, |last| last + 1);
            text[..end].to_vec()
        };
        Ok(Self {
            operator,
            issuer: text(TEXT_SIZE),
            network: text(TEXT_SIZE),
            acquirer: text(TEXT_SIZE),
            rest: text(MAX),
        })
    }

    /// The content of F63: the texts padded with blanks, those at the end that are empty left out.
    ///
    /// # Errors
    /// A text that is longer than its place.
    pub fn build(&self) -> Result<Vec<u8>, SubfieldError> {
        let mut value = self.operator.to_vec();
        let places = [
            ("F63.2 issuer", &self.issuer, TEXT_SIZE),
            ("F63.2 network", &self.network, TEXT_SIZE),
            ("F63.2 acquirer", &self.acquirer, TEXT_SIZE),
            ("F63.2 rest", &self.rest, MAX - 3 - 3 * TEXT_SIZE),
        ];
        let mut start = value.len();
        for (field, text, max) in places {
            let found = text.len();
            if found > max {
                return Err(SubfieldError::TextTooLong { field, max, found });
            }
            if found > 0 {
                value.resize(start, b' ');
                value.extend_from_slice(text);
            }
            start += TEXT_SIZE;
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_stand_in_places_of_twenty_bytes() {
        let mut text = F63Text { operator: *b"CUP", ..F63Text::default() };
        let check = |text: &F63Text, value: &[u8]| {
            assert_eq!(text.build().as_deref(), Ok(value));
            assert_eq!(F63Text::parse(value).as_ref(), Ok(text));
        };
        check(&text, b"CUP");
        text.network = b"NET".to_vec();
        check(&text, b"CUP                    NET");
        text.issuer = b"ISSUER".to_vec();
        text.acquirer = vec![0xb5, 0xd8];
        check(&text, b"CUPISSUER              NET                 \xb5\xd8");
        text.rest = b"MORE".to_vec();
        assert_eq!(text.build().unwrap().len(), 67);
        assert_eq!(F63Text::parse(&text.build().unwrap()), Ok(text));
    }

    #[test]
    fn texts_of_blanks_are_empty() {
        let expected = F63Text { operator: *b"   ", ..F63Text::default() };
        assert_eq!(F63Text::parse(&[b' '; 163]), Ok(expected));
    }

    #[test]
    fn what_has_no_place_is_refused() {
        for found in [0, 2, 164] {
            let error = SubfieldError::WrongLength { field: "F63", expected: "3 to 163", found };
            assert_eq!(F63Text::parse(&vec![b'x'; found]), Err(error));
        }
        let long = F63Text { network: vec![b'x'; 21], ..F63Text::default() };
        let error = SubfieldError::TextTooLong { field: "F63.2 network", max: 20, found: 21 };
        assert_eq!(long.build(), Err(error));
        let full = F63Text { rest: vec![b'x'; 100], ..F63Text::default() };
        assert_eq!(full.build().map(|value| value.len()), Ok(163));
    }
}
