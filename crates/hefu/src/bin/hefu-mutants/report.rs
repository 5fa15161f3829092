//! The table: a line for each mistake.

use crate::life::Life;
use hefu_mutant::Listed;

pub fn head() {
    println!("{:<32} {:<8} {:>6} {:>7}  caught by", "mistake", "room", "worlds", "seconds");
}

pub fn row(listed: &Listed, life: &Life) {
    let Listed { name, room, .. } = listed;
    let by = match (&life.caught, life.reached) {
        (Some(catch), _) => catch.to_string(),
        (None, true) => "NOTHING".to_owned(),
        (None, false) => "NOTHING: its place was never passed".to_owned(),
    };
    println!("{name:<32} {room:<8} {:>6} {:>7.1}  {by}", life.worlds, life.seconds);
}

pub fn end(made: usize, survivors: &[&Listed], seconds: f64) {
    println!("\n{} of {made} mistakes caught, {seconds:.0} s", made - survivors.len());
    for Listed { name, room, breaks } in survivors {
        println!("SURVIVES: {name} ({room}): {breaks}");
    }
}
