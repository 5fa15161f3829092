//! The matrix as a picture: a row for each state, a column for each fault, counts shaded on a logarithmic scale,
//! states that cannot be reached hatched, cells that should have been struck and were not outlined in red.

use super::{Coverage, Listed, Place, State, listed, name};
use crate::sim::Fault;
use std::fmt::{self, Write as _};

/// Sizes in pixels.
const CELL: usize = 34;
const HIGH: usize = 22;
const LEFT: usize = 290;
const TOP: usize = 150;
const MARGIN: usize = 20;
const LEGEND: usize = 70;

/// Shades from one strike to the most, light to dark; each stands for ten times the one before.
const SHADES: [&str; 7] = ["#e8f1fa", "#c6dcf0", "#9cc3e3", "#69a3d1", "#3c80b8", "#1d5f9a", "#0b3f72"];

impl Coverage {
    /// A picture of its own: no font, script or style sheet is fetched.
    pub fn svg(&self) -> String {
        let mut svg = String::new();
        self.draw(&mut svg).expect("text is written into memory");
        svg
    }

    fn draw(&self, svg: &mut String) -> fmt::Result {
        let rows = rows(self);
        let (wide, high) = (CELL * Fault::ALL.len(), HIGH * rows.len());
        let (width, height) = (LEFT + wide + 100, TOP + high + LEGEND + MARGIN);
        writeln!(
            svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">"
        )?;
        writeln!(
            svg,
            "<defs><pattern id=\"never\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" \
             patternTransform=\"rotate(45)\"><rect width=\"6\" height=\"6\" fill=\"#f4f4f4\"/>\
             <line x1=\"0\" y1=\"0\" x2=\"0\" y2=\"6\" stroke=\"#c4c4c4\" stroke-width=\"2\"/></pattern></defs>"
        )?;
        writeln!(svg, "<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>")?;
        let (struck, all) = self.reached();
        writeln!(
            svg,
            "<text x=\"{MARGIN}\" y=\"28\" font-size=\"16\" font-weight=\"bold\">Which fault struck which state</text>\
             <text x=\"{MARGIN}\" y=\"48\" fill=\"#555555\">{struck} of {all} cells</text>\
             <text x=\"{MARGIN}\" y=\"{}\" fill=\"#555555\">bank / merchant / direction</text>",
            TOP - 8
        )?;
        for (column, fault) in Fault::ALL.into_iter().enumerate() {
            let x = LEFT + column * CELL + CELL / 2;
            let y = TOP - 8;
            writeln!(svg, "<text transform=\"translate({x} {y}) rotate(-55)\">{fault}</text>")?;
        }
        for (line, place) in rows.into_iter().enumerate() {
            self.row(svg, line, place)?;
        }
        legend(svg, TOP + high + 24)?;
        writeln!(svg, "</svg>")
    }

    fn row(&self, svg: &mut String, line: usize, place: Place) -> fmt::Result {
        let top = TOP + line * HIGH;
        let base = top + HIGH - 7;
        writeln!(svg, "<text x=\"{}\" y=\"{base}\" text-anchor=\"end\">{}</text>", LEFT - 8, name(place))?;
        for (column, fault) in Fault::ALL.into_iter().enumerate() {
            let left = LEFT + column * CELL;
            let count = self.times(place, fault);
            let (fill, edge, words) = match (count, listed(place, fault)) {
                (0, Listed::Never(why)) => ("url(#never)", "#ffffff", why.to_owned()),
                (0, Listed::Seldom(why)) => ("#f7f7f7", "#e0e0e0", format!("seldom: {why}")),
                (0, Listed::Struck) => ("#ffffff", "#d02020", "not struck".to_owned()),
                (count, Listed::Never(why)) => {
                    (shade(count), "#d02020", format!("{count}, listed as never: {why}"))
                }
                (count, Listed::Struck | Listed::Seldom(_)) => (shade(count), "#ffffff", count.to_string()),
            };
            writeln!(
                svg,
                "<rect x=\"{left}\" y=\"{top}\" width=\"{}\" height=\"{}\" fill=\"{fill}\" stroke=\"{edge}\">\
                 <title>{}, {fault}: {}</title></rect>",
                CELL - 1,
                HIGH - 1,
                name(place),
                escaped(&words)
            )?;
            if count > 0 {
                let ink = if count >= 1_000 { "#ffffff" } else { "#102030" };
                let x = left + CELL / 2;
                writeln!(
                    svg,
                    "<text x=\"{x}\" y=\"{base}\" font-size=\"10\" text-anchor=\"middle\" fill=\"{ink}\">{}</text>",
                    short(count)
                )?;
            }
        }
        Ok(())
    }
}

fn legend(svg: &mut String, top: usize) -> fmt::Result {
    let mut x = LEFT;
    for (power, colour) in SHADES.into_iter().enumerate() {
        let from = short(10_u64.pow(power as u32));
        writeln!(
            svg,
            "<rect x=\"{x}\" y=\"{top}\" width=\"{CELL}\" height=\"14\" fill=\"{colour}\"/>\
             <text x=\"{x}\" y=\"{}\" font-size=\"10\">from {from}</text>",
            top + 28
        )?;
        x += CELL + 24;
    }
    for (fill, edge, words) in [
        ("url(#never)", "#c4c4c4", "never: the reason is listed"),
        ("#f7f7f7", "#e0e0e0", "seldom, need not be struck"),
        ("#ffffff", "#d02020", "not as listed"),
    ] {
        writeln!(
            svg,
            "<rect x=\"{x}\" y=\"{top}\" width=\"{CELL}\" height=\"14\" fill=\"{fill}\" stroke=\"{edge}\"/>\
             <text x=\"{x}\" y=\"{}\" font-size=\"10\">{words}</text>",
            top + 28
        )?;
        x += CELL + 120;
    }
    Ok(())
}

/// Every bank half, merchant half and direction has its row or hatched row: what no leg can be in is shown once without
/// its reversal, so that the picture stays on a page.
fn rows(coverage: &Coverage) -> Vec<Place> {
    let shown = super::expected::rows(coverage);
    let all = std::iter::once(None).chain(State::all().map(Some));
    all.filter(|place| shown.contains(place) || place.is_some_and(|state| state.undo.is_none())).collect()
}

fn shade(count: u64) -> &'static str {
    let power = count.checked_ilog10().unwrap_or(0) as usize;
    SHADES[power.min(SHADES.len() - 1)]
}

/// At most four characters: `999`, `12k`, `3M`.
fn short(count: u64) -> String {
    match count {
        0..1_000 => count.to_string(),
        1_000..1_000_000 => format!("{}k", count / 1_000),
        _ => format!("{}M", count / 1_000_000),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::coverage::State;

    #[test]
    fn the_picture_has_a_cell_for_each_state_and_fault_and_needs_nothing_from_outside() {
        let svg = Coverage::default().svg();
        let cells = svg.matches("<title>").count();
        assert_eq!(cells % Fault::ALL.len(), 0);
        assert!(cells > Fault::ALL.len(), "there are states that can be reached");
        assert_eq!(svg.matches("http").count(), 1, "the name space is the only address");
        assert!(svg.trim_end().ends_with("</svg>"));
    }

    #[test]
    fn counts_are_shaded_by_their_power_of_ten_and_written_short() {
        // (count, place among the shades, text)
        let cases = [(1, 0, "1"), (9, 0, "9"), (10, 1, "10"), (999, 2, "999"), (12_345, 4, "12k")];
        for (count, place, text) in cases {
            assert_eq!((shade(count), short(count).as_str()), (SHADES[place], text));
        }
        assert_eq!(shade(u64::MAX), SHADES[6]);
        assert!(State::all().count() > 100);
    }
}
