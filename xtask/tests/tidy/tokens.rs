//! What a Rust file names outside its tests: the paths that it uses and the macros that it calls.
//!
//! Read from tokens, so comments and strings name nothing, and `use std::{fs, io}` names `std::fs`.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use std::iter::Peekable;

/// Words of the language after which a path may begin.
const BEFORE_PATHS: [&str; 15] = [
    "as", "break", "dyn", "else", "for", "if", "impl", "in", "let", "match", "move", "mut", "return", "use",
    "while",
];

type Tokens = Peekable<proc_macro2::token_stream::IntoIter>;

/// Something named, and the line that it stands on, from 1.
#[derive(Debug, PartialEq, Eq)]
pub struct Named {
    pub line: usize,
    pub what: What,
}

#[derive(Debug, PartialEq, Eq)]
pub enum What {
    /// The parts of a path; the last is `*` for a glob.
    Path(Vec<String>),
    Macro(String),
    /// A module in another file that exists only for tests.
    TestModule(String),
}

/// Everything that a file names outside items under `#[cfg(test)]`.
///
/// # Panics
/// When the file is no Rust.
pub fn named(content: &str) -> Vec<Named> {
    let stream: TokenStream = content.parse().unwrap_or_else(|error| panic!("no Rust: {error}"));
    let mut named = Vec::new();
    read(stream, &mut named);
    named
}

fn read(stream: TokenStream, named: &mut Vec<Named>) {
    let mut tokens = stream.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '#' => attribute(&mut tokens, named),
            TokenTree::Group(group) => read(group.stream(), named),
            TokenTree::Ident(word) if BEFORE_PATHS.iter().any(|before| word == before) => {}
            TokenTree::Ident(ident) => {
                let line = ident.span().start().line;
                path(vec![ident.to_string()], line, &mut tokens, named);
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// After `#`: if it says that what follows is for tests only, passes over that.
fn attribute(tokens: &mut Tokens, named: &mut Vec<Named>) {
    let whole_file = is_punct(tokens.peek(), '!');
    if whole_file {
        tokens.next();
    }
    let Some(TokenTree::Group(group)) = tokens.peek() else { return };
    let for_tests = is_for_tests(group);
    tokens.next();
    match (for_tests, whole_file) {
        (false, _) => {}
        (true, true) => tokens.by_ref().for_each(drop),
        (true, false) => pass_over_item(tokens, named),
    }
}

/// `cfg(test)`, or `cfg(all(test, …))`.
fn is_for_tests(attribute: &Group) -> bool {
    let text = attribute.stream().to_string().replace(' ', "");
    text == "cfg(test)" || text.starts_with("cfg(all(test,")
}

/// An item ends with its block, or with a semicolon if it has none.
fn pass_over_item(tokens: &mut Tokens, named: &mut Vec<Named>) {
    let mut last_two = [String::new(), String::new()];
    for token in tokens.by_ref() {
        match &token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return,
            TokenTree::Punct(punct) if punct.as_char() == ';' => {
                let [keyword, name] = last_two;
                if keyword == "mod" {
                    named.push(Named { line: punct.span().start().line, what: What::TestModule(name) });
                }
                return;
            }
            TokenTree::Group(_) | TokenTree::Punct(_) | TokenTree::Ident(_) | TokenTree::Literal(_) => {}
        }
        last_two = [std::mem::take(&mut last_two[1]), token.to_string()];
    }
}

/// Follows a path from its first part to its end, or to its ends if it branches.
fn path(mut parts: Vec<String>, line: usize, tokens: &mut Tokens, named: &mut Vec<Named>) {
    while is_punct(tokens.peek(), ':') {
        tokens.next();
        if !is_punct(tokens.peek(), ':') {
            // One colon: a type follows, not a part.
            break;
        }
        tokens.next();
        match tokens.peek() {
            Some(TokenTree::Ident(_)) => parts.push(tokens.next().expect("it was peeked").to_string()),
            Some(TokenTree::Punct(star)) if star.as_char() == '*' => {
                tokens.next();
                parts.push("*".to_owned());
            }
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                branches(&parts, group.stream(), named);
                tokens.next();
                return;
            }
            Some(TokenTree::Group(_) | TokenTree::Punct(_) | TokenTree::Literal(_)) | None => break,
        }
    }
    let is_macro = is_punct(tokens.peek(), '!') && parts.len() == 1;
    let what = if is_macro { What::Macro(parts.remove(0)) } else { What::Path(parts) };
    named.push(Named { line, what });
}

fn branches(stem: &[String], inside: TokenStream, named: &mut Vec<Named>) {
    let mut tokens = inside.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let line = token.span().start().line;
        let mut parts = stem.to_vec();
        match token {
            TokenTree::Ident(name) if name == "self" => named.push(Named { line, what: What::Path(parts) }),
            TokenTree::Ident(name) => {
                parts.push(name.to_string());
                path(parts, line, &mut tokens, named);
            }
            TokenTree::Punct(star) if star.as_char() == '*' => {
                parts.push("*".to_owned());
                named.push(Named { line, what: What::Path(parts) });
            }
            TokenTree::Punct(_) | TokenTree::Group(_) | TokenTree::Literal(_) => {}
        }
    }
}

fn is_punct(token: Option<&TokenTree>, expected: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == expected)
}

#[test]
fn paths_and_macros_are_named_with_their_lines() {
    let check = |source: &str, expected: &[(usize, &str)]| {
        let all = named(source);
        let shown = all.iter().map(|Named { line, what }| match what {
            What::Path(parts) => (*line, parts.join("::")),
            What::Macro(name) => (*line, format!("{name}!")),
            What::TestModule(name) => (*line, format!("test mod {name}")),
        });
        let shown: Vec<_> = shown.filter(|(_, name)| name.contains(['!', ':', ' '])).collect();
        let expected: Vec<_> = expected.iter().map(|(line, name)| (*line, (*name).to_owned())).collect();
        assert_eq!(shown, expected, "{source}");
    };
    check("use std::fs;\nfn f() { std::env::args(); }", &[(1, "std::fs"), (2, "std::env::args")]);
    check(
        "use std::{fs::File,\n io::{self, Read}};",
        &[(1, "std::fs::File"), (2, "std::io"), (2, "std::io::Read")],
    );
    check("use std::time::*;", &[(1, "std::time::*")]);
    check("use std::{time::*, a};", &[(1, "std::time::*"), (1, "std::a")]);
    check("// std::fs\nfn f(a: B) { g(\"std::fs\"); println!(\"x\") }", &[(2, "println!")]);
    check("#[cfg(test)]\nmod tests { use std::fs; }\nfn f() { a::b() }", &[(3, "a::b")]);
    check(
        "#[cfg(test)]\n#[path = \"x.rs\"]\nmod golden;\nuse std::fs;",
        &[(3, "test mod golden"), (4, "std::fs")],
    );
    check("#[cfg(not(test))]\nuse std::fs;", &[(2, "std::fs")]);
    check("#![cfg(test)]\nuse std::fs;", &[]);
    check("use ::std::fs;", &[(1, "std::fs")]);
}
