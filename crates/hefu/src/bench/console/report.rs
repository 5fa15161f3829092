//! What was measured, for people and as JSON, and which targets it misses.

use super::{
    super::load::Measured,
    Args,
    screen::{Screens, Times},
    stream::Heard,
};
use serde_json::{Value, json};
use std::time::Duration;

/// All requests of the first screen together, under load (milliseconds).
const SCREEN: f64 = 1_000.0;
/// Updates a second to one who watches.
const UPDATES: f64 = 10.0;
/// What the stream may be further behind in the last third than in the first (milliseconds): it is told ten times a
/// second, so that two samples of the same pace may lie so far apart.
const FURTHER: i64 = 100;

/// The index's first building.
pub struct Built {
    pub took: Duration,
    pub payments: u64,
}

pub struct Report {
    pub built: Built,
    /// The yardstick: payments a second in a bare batch insert.
    pub inserts: f64,
    pub at_rest: Screens,
    pub under_load: Screens,
    pub sales: Measured,
    pub heard: Heard,
    pub megabytes: u64,
    /// Sales while the index is built.
    pub building: Measured,
    pub still_building: bool,
}

impl Report {
    /// The targets that are missed, in words.
    pub fn missed(&self) -> Option<String> {
        let mut missed = Vec::new();
        let screen = self.under_load.console.quantile(0.99);
        if screen > SCREEN {
            missed.push(format!("the first screen's requests take {screen:.0} ms under load"));
        }
        let updates = self.heard.updates_a_second();
        if updates > UPDATES {
            missed.push(format!("{updates:.1} updates a second"));
        }
        let [(first, _), (last, _)] = self.heard.behind();
        if last > first + FURTHER {
            missed.push(format!("the stream falls behind, from {first} ms to {last} ms"));
        }
        let (told, sent) = (self.heard.sales(), self.heard.sent);
        if told < sent {
            missed.push(format!("the stream told of {told} sales of {sent}"));
        }
        (!missed.is_empty()).then(|| format!("missed: {}", missed.join("; ")))
    }

    fn per_second(&self) -> f64 {
        self.built.payments as f64 / self.built.took.as_secs_f64().max(0.001)
    }

    pub fn json(&self, args: &Args, filled: Option<Duration>) {
        let [first, last] = self.heard.behind();
        let third = |(middle, worst)| json!({ "median_ms": middle, "worst_ms": worst });
        crate::say(json!({
            "payments": args.payments, "open": args.open, "rate": args.rate, "terminals": args.terminals,
            "filled_s": filled.map(|filled| filled.as_secs_f64()),
            "index": { "seconds": self.built.took.as_secs_f64(), "payments": self.built.payments,
                "payments_per_second": self.per_second(), "bare_inserts_per_second": self.inserts },
            "at_rest": screens(&self.at_rest), "under_load": screens(&self.under_load),
            "stream": { "sales_sent": self.heard.sent, "sales_told": self.heard.sales(), "rows": self.heard.rows,
                "resets": self.heard.resets, "updates_per_second": self.heard.updates_a_second(),
                "behind_first_third": third(first), "behind_last_third": third(last) },
            "sales": sales(&self.sales), "sales_while_building": sales(&self.building),
            "still_building_at_their_end": self.still_building,
            "gateway_peak_megabytes": self.megabytes, "missed": self.missed(),
        }));
    }

    pub fn print(&self, filled: Option<Duration>) {
        if let Some(filled) = filled {
            say!("the store was written in {:.0} s", filled.as_secs_f64());
        }
        say!(
            "the index of {} payments was built in {:.1} s: {:.0} payments/s; a bare batch insert: {:.0} payments/s",
            self.built.payments,
            self.built.took.as_secs_f64(),
            self.per_second(),
            self.inserts
        );
        table("at rest", &self.at_rest);
        table("under load", &self.under_load);
        let [first, last] = self.heard.behind();
        say!(
            "\nthe stream: {} of {} sales told in {} rows, at most {:.1} updates/s, {} resets",
            self.heard.sales(),
            self.heard.sent,
            self.heard.rows,
            self.heard.updates_a_second(),
            self.heard.resets
        );
        say!(
            "behind by {} ms in the first third (worst {}), {} ms in the last (worst {})",
            first.0,
            first.1,
            last.0,
            last.1
        );
        sold("under load", &self.sales);
        let until =
            if self.still_building { "while the index is built" } else { "until the index was built" };
        sold(until, &self.building);
        say!("the gateway's memory peaked at {} MB", self.megabytes);
        if let Some(missed) = self.missed() {
            say!("{missed}");
        }
    }
}

fn table(when: &str, screens: &Screens) {
    say!(
        "\n{:<28} {:>8} {:>9} {:>9} {:>9} {:>9} {:>8}",
        format!("first screen {when}"),
        "bytes",
        "p50 ms",
        "p99",
        "bare p50",
        "p99",
        "times"
    );
    let row = |name: &str, bytes: usize, console: &Times, bare: &Times| {
        let [p50, p99, bare50, bare99] =
            [console.quantile(0.5), console.quantile(0.99), bare.quantile(0.5), bare.quantile(0.99)];
        let times = p50 / bare50.max(0.001);
        say!("{name:<28} {bytes:>8} {p50:>9.2} {p99:>9.2} {bare50:>9.2} {bare99:>9.2} {times:>8.1}");
    };
    for timed in &screens.requests {
        row(&timed.path, timed.bytes, &timed.console, &timed.bare);
    }
    let bytes = screens.requests.iter().map(|timed| timed.bytes).sum();
    row(&format!("all of them, {} times", screens.count), bytes, &screens.console, &screens.bare);
}

fn screens(screens: &Screens) -> Value {
    let of = |console: &Times, bare: &Times| {
        json!({ "p50_ms": console.quantile(0.5), "p99_ms": console.quantile(0.99),
            "bare_p50_ms": bare.quantile(0.5), "bare_p99_ms": bare.quantile(0.99),
            "times_the_yardstick": console.quantile(0.5) / bare.quantile(0.5).max(0.001) })
    };
    let requests = screens.requests.iter().map(
        |timed| json!({ "path": timed.path, "bytes": timed.bytes, "times": of(&timed.console, &timed.bare) }),
    );
    json!({ "screens": screens.count, "requests": requests.collect::<Value>(),
        "all": of(&screens.console, &screens.bare) })
}

fn sales(measured: &Measured) -> Value {
    json!({ "offered": measured.offered, "answered": measured.answered, "refused": measured.refused,
        "p50_us": measured.quantile(0.5), "p99_us": measured.quantile(0.99), "max_us": measured.quantile(1.0) })
}

fn sold(when: &str, measured: &Measured) {
    let ms = |q| measured.quantile(q) as f64 / 1_000.0;
    say!(
        "sales {when}: {} of {} approved; p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms",
        measured.answered - measured.refused,
        measured.offered,
        ms(0.5),
        ms(0.99),
        ms(1.0)
    );
}
