//! Whole worlds from seeds.

use hefu_world::sim::{Setting, run};

#[test]
fn probe() {
    let from: u64 = std::env::var("FROM").ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    let count: u64 = std::env::var("COUNT").ok().and_then(|text| text.parse().ok()).unwrap_or(20);
    let trace = std::env::var("TRACE").is_ok();
    let mut rules = std::collections::BTreeMap::new();
    for seed in from..from + count {
        let sink: Option<hefu_world::sim::Sink> = if trace { Some(Box::new(|line: &str| println!("{line}"))) } else { None };
        let report = run(&Setting::of(seed), sink);
        if let Some(violation) = report.violation {
            println!("{violation}");
            *rules.entry(violation.rule).or_insert(0) += 1;
        }
    }
    println!("{rules:?}");
}
