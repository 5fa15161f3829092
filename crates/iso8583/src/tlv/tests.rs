use super::*;

fn check(hex_bytes: &str, expected: Result<&[(u32, usize)], TlvError>) {
    let bytes = hex::decode(hex_bytes).unwrap();
    let found = parse(&bytes);
    let found = found.as_ref().map(|all| all.iter().map(|(t, c)| (t.0, c.len())).collect::<Vec<_>>());
    assert_eq!(found.map_err(Clone::clone), expected.map(<[_]>::to_vec), "{hex_bytes}");
}

#[test]
fn elements_come_in_order_with_unknown_and_long_tags_kept() {
    check("", Ok(&[]));
    check("9505000000000082020000", Ok(&[(0x95, 5), (0x82, 2)]));
    check("9f360200019f360200029a00", Ok(&[(0x9f36, 2), (0x9f36, 2), (0x9a, 0)]));
    check("df8101011fdfff7f01aa", Ok(&[(0xdf8101, 1), (0xdfff7f, 1)]));
    check("bf81820301ff", Ok(&[(0xbf818203, 1)]));
}

#[test]
fn zero_bytes_between_elements_mean_nothing() {
    check("00009a010000009c01000000", Ok(&[(0x9a, 1), (0x9c, 1)]));
}

#[test]
fn long_lengths_are_read() {
    check(&format!("7181 80{}", "ab".repeat(128)).replace(' ', ""), Ok(&[(0x71, 128)]));
    check(&format!("72820101{}", "ab".repeat(257)), Ok(&[(0x72, 257)]));
}

#[test]
fn a_broken_element_is_refused_at_its_offset() {
    let tag = Tag(0x9a);
    check("9a01009f", Err(TlvError::TagTruncated { offset: 3 }));
    check("9a01009f8181", Err(TlvError::TagTruncated { offset: 3 }));
    check("9f8181818101", Err(TlvError::TagTooLong { offset: 0 }));
    check("9a", Err(TlvError::LengthTruncated { tag, offset: 1 }));
    check("9a81", Err(TlvError::LengthTruncated { tag, offset: 1 }));
    check("9a8201", Err(TlvError::LengthTruncated { tag, offset: 1 }));
    check("9a80", Err(TlvError::LengthForm { tag, offset: 1, found: 0x80 }));
    check("9a8300000100", Err(TlvError::LengthForm { tag, offset: 1, found: 0x83 }));
    check("9a03aabb", Err(TlvError::ContentTruncated { tag, offset: 2, expected: 3, found: 2 }));
    let many = "9a00".repeat(MAX_ELEMENTS + 1);
    check(&many, Err(TlvError::TooManyElements { offset: 2 * MAX_ELEMENTS }));
}

#[test]
fn what_is_built_parses_to_the_same_elements() {
    for length in [0, 1, 0x7f, 0x80, 0xff, 0x100, MAX_CONTENT] {
        for tag in [0x5a, 0x9f26, 0xdf8101, 0xbf818203] {
            let content = vec![0x5c; length];
            let bytes = Builder::new().put(Tag(tag), &content).unwrap().finish();
            assert_eq!(parse(&bytes), Ok(vec![(Tag(tag), content.as_slice())]), "{length} bytes");
        }
    }
}

#[test]
fn what_is_no_element_is_not_built() {
    for tag in [0, 0x9f, 0x9f81, 0x9a01, 0x9f8181, 0x5a5a5a5a] {
        assert_eq!(Builder::new().put(Tag(tag), [1]).err(), Some(TlvError::NotATag { tag: Tag(tag) }));
    }
    let found = MAX_CONTENT + 1;
    let error = Builder::new().put(Tag(0x71), vec![0; found]).err();
    assert_eq!(error, Some(TlvError::ContentTooLong { tag: Tag(0x71), found }));
}

#[test]
fn only_the_allowed_tags_pass_the_filter() {
    let bytes = hex::decode("5a086200000000000005950500000000009f360200015f24033012319c0100").unwrap();
    let kept = filter(&bytes, &REVERSAL_TAGS).unwrap();
    assert_eq!(hex::encode(kept), "950500000000009f36020001");
    assert_eq!(filter(&bytes, &[]), Ok(vec![]));
    assert!(filter(&bytes[..4], &REVERSAL_TAGS).is_err());
}

#[test]
fn an_element_is_found_by_its_tag() {
    let bytes = hex::decode("9f360200019c0100").unwrap();
    assert_eq!(find(&bytes, Tag(0x9c)), Ok(Some(&[0][..])));
    assert_eq!(find(&bytes, Tag(0x95)), Ok(None));
}

#[test]
fn no_list_of_tags_to_keep_names_the_card() {
    let lists: [&[Tag]; 5] =
        [&REQUEST_TAGS, &OPTIONAL_REQUEST_TAGS, &ANSWER_TAGS, &OFFLINE_TAGS, &REVERSAL_TAGS];
    for tag in lists.concat() {
        assert!(!SECRET_TAGS.contains(&tag), "{tag}");
        assert!(tag.is_whole() && name(tag).is_some(), "{tag}");
    }
    assert!(SECRET_TAGS.iter().all(|&tag| name(tag).is_none()));
}

#[test]
fn a_tag_displays_as_its_bytes() {
    assert_eq!(Tag(0x95).to_string(), "95");
    assert_eq!(format!("{:?}", Tag(0xDF31)), "Tag(DF31)");
}
