//! `cargo xtask licences`, as an ordinary test.

#[test]
fn every_package_comes_under_a_licence_that_we_accept() {
    let (judged, offences) = xtask::licences::judge_all().unwrap();
    assert!(judged > 20, "only {judged} packages: the graph was not read");
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}
