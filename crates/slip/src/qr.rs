//! The QR code of a slip: black and white squares, and the forms in which they are shown.

use qrcode::{Color, EcLevel, QrCode};

use crate::{data::Width, fields::EslipAddress};

/// A QR code, without the light border around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qr {
    side: usize,
    dark: Vec<bool>,
}

impl Qr {
    /// Light modules on each side, without which no camera finds the code.
    pub const BORDER: usize = 4;
    /// The most modules of a side: with its border it is 3 dots a module on 58 mm.
    pub const MAX_SIDE: usize = 117;

    /// The code of an address and its signed text. A seventh of it may be lost and it is still read, unless
    /// it would grow too large: then a fourteenth.
    pub fn of(address: &EslipAddress) -> Qr {
        let code = fitting(address.qr_content().as_bytes());
        let dark = code.to_colors().into_iter().map(|color| color == Color::Dark).collect();
        Qr { side: code.width(), dark }
    }

    /// Modules of a side.
    pub fn side(&self) -> usize {
        self.side
    }

    /// Whether a module is dark; columns `x` from the left and rows `y` from the top. What lies outside is
    /// light.
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        x < self.side && self.dark.get(y * self.side + x).is_some_and(|dark| *dark)
    }

    /// Dots of a printed module: as large as the paper has room for, and 3 to 6.
    pub fn module_dots(&self, paper: Width) -> usize {
        module_dots(self.side, paper)
    }

    /// Runs of dark modules in one row: left, top, length.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        (0..self.side).flat_map(move |y| {
            let starts =
                (0..self.side).filter(move |&x| self.is_dark(x, y) && (x == 0 || !self.is_dark(x - 1, y)));
            starts.map(move |x| (x, y, (x..).take_while(|&x| self.is_dark(x, y)).count()))
        })
    }

    /// An SVG picture of its own, for a page or a file. It scales to any size and holds no style.
    pub fn svg(&self, label: &str) -> String {
        let whole = self.side + 2 * Qr::BORDER;
        let label = crate::html::escaped(label);
        let mut path = String::new();
        for (x, y, length) in self.runs() {
            path += &format!("M{} {}h{length}v1h-{length}z", x + Qr::BORDER, y + Qr::BORDER);
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"slip-qr\" viewBox=\"0 0 {whole} {whole}\" \
             role=\"img\" aria-label=\"{label}\" shape-rendering=\"crispEdges\">\
             <rect width=\"{whole}\" height=\"{whole}\" fill=\"#fff\"/><path fill=\"#000\" d=\"{path}\"/></svg>"
        )
    }

    /// Half blocks for a terminal with light text on dark, two rows of modules in a line of text. Each line
    /// ends with a line feed.
    pub fn blocks(&self) -> String {
        let whole = self.side + 2 * Qr::BORDER;
        let light = |x: usize, y: usize| {
            let inside = x.checked_sub(Qr::BORDER).zip(y.checked_sub(Qr::BORDER));
            y < whole && !inside.is_some_and(|(x, y)| self.is_dark(x, y))
        };
        let mut text = String::new();
        for y in (0..whole).step_by(2) {
            text.extend((0..whole).map(|x| match (light(x, y), light(x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            }));
            text.push('\n');
        }
        text
    }
}

/// What a printer needs to know that makes the code by itself: how well it is protected, and how many dots
/// a module has. A printer may write all of it as bytes, which takes more modules than ours.
pub(crate) struct ByPrinter {
    pub content: String,
    pub level: EcLevel,
    pub dots: usize,
}

pub(crate) fn by_printer(address: &EslipAddress, paper: Width) -> ByPrinter {
    let content = address.qr_content();
    // Small letters have no shorter form, so this is the size of plain bytes.
    let plain = fitting("a".repeat(content.len()).as_bytes());
    ByPrinter { content, level: plain.error_correction_level(), dots: module_dots(plain.width(), paper) }
}

fn module_dots(side: usize, paper: Width) -> usize {
    let dots = paper.dots() / (side + 2 * Qr::BORDER);
    assert!(dots >= 3, "a code of {side} modules fits the narrowest paper");
    dots.min(6)
}

fn fitting(content: &[u8]) -> QrCode {
    let at = |level| QrCode::with_error_correction_level(content, level).ok();
    let small = |code: &QrCode| code.width() <= Qr::MAX_SIDE;
    let code = at(EcLevel::M).filter(small).or_else(|| at(EcLevel::L).filter(small));
    code.expect("an address of 256 and a signed text of 800 characters fit into version 25")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{samples, signed};

    /// Reads a picture of dots as a camera would.
    pub(crate) fn read(side: usize, dark: impl Fn(usize, usize) -> bool) -> String {
        let mut picture =
            rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| if dark(x, y) { 0 } else { 255 });
        let grids = picture.detect_grids();
        assert_eq!(grids.len(), 1, "one code is found");
        grids[0].decode().expect("the code is read").1
    }

    fn plain() -> EslipAddress {
        samples::sale().eslip.expect("an address")
    }

    /// The longest address with the longest signed text.
    pub(crate) fn longest() -> EslipAddress {
        let address = format!("https://{}", "a".repeat(248));
        let signed = signed::tests::sign(&signed::tests::longest());
        EslipAddress::new(&address).expect("an address").with_signed(signed)
    }

    fn ordinary() -> EslipAddress {
        let token = "6326A000000148G6P2HPE79VQ5PPBACYTMBPV0";
        let address = EslipAddress::new(&format!("https://slip.hefu.example/s/{token}")).expect("an address");
        address.with_signed(signed::tests::sign(&samples::sale()))
    }

    #[test]
    fn every_code_is_read_back_from_its_modules() {
        for address in [plain(), ordinary(), longest()] {
            let qr = Qr::of(&address);
            let whole = (qr.side() + 2 * Qr::BORDER) * 3;
            let module = |at: usize| (at / 3).checked_sub(Qr::BORDER);
            let found = read(whole, |x, y| module(x).zip(module(y)).is_some_and(|(x, y)| qr.is_dark(x, y)));
            assert_eq!(found, address.qr_content());
        }
    }

    #[test]
    fn the_code_of_an_ordinary_slip_has_five_dots_a_module_on_narrow_paper() {
        let qr = Qr::of(&ordinary());
        assert_eq!(ordinary().qr_content().len(), 286);
        assert_eq!((qr.side(), qr.module_dots(Width::Mm58), qr.module_dots(Width::Mm80)), (65, 5, 6));
        assert_eq!(by_printer(&ordinary(), Width::Mm58).dots, 5);
    }

    #[test]
    fn the_longest_content_still_has_three_dots_a_module() {
        let qr = Qr::of(&longest());
        assert!(qr.side() <= Qr::MAX_SIDE);
        assert!(qr.module_dots(Width::Mm58) >= 3 && by_printer(&longest(), Width::Mm58).dots >= 3);
    }

    #[test]
    fn the_blocks_of_a_terminal_show_every_module() {
        let qr = Qr::of(&ordinary());
        let blocks = qr.blocks();
        let rows: Vec<Vec<char>> = blocks.lines().map(|line| line.chars().collect()).collect();
        let whole = qr.side() + 2 * Qr::BORDER;
        assert!(rows.iter().all(|row| row.len() == whole) && rows.len() == whole.div_ceil(2));
        let light = |x: usize, y: usize| match rows[y / 2][x] {
            '█' => true,
            '▀' => y.is_multiple_of(2),
            '▄' => !y.is_multiple_of(2),
            _ => false,
        };
        assert_eq!(read(whole * 3, |x, y| !light(x / 3, y / 3)), ordinary().qr_content());
    }

    #[test]
    fn a_picture_draws_the_modules_and_no_style() {
        let qr = Qr::of(&ordinary());
        let svg = qr.svg("a \"b\" <c>");
        assert!(svg.contains("aria-label=\"a &quot;b&quot; &lt;c&gt;\""));
        assert!(svg.contains("viewBox=\"0 0 73 73\"") && !svg.contains("style"));
        let path = svg.split("d=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a path");
        let mut dark = std::collections::BTreeSet::new();
        for run in path.split('z').filter(|run| !run.is_empty()) {
            let numbers: Vec<usize> =
                run.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect();
            assert_eq!((numbers[2], numbers[3]), (numbers[4], 1), "{run}");
            dark.extend((0..numbers[2]).map(|offset| (numbers[0] + offset, numbers[1])));
        }
        assert_eq!(read(73 * 3, |x, y| dark.contains(&(x / 3, y / 3))), ordinary().qr_content());
    }
}
