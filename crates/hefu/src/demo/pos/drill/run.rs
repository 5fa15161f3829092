//! A lesson under way, from its set-up to the judge's words; and who did how well.

use super::judge::{Books, Case, Verdict, is_decided};
use super::{ActView, Deed, Drill, Model, Scene, Set, Shown};
use crate::Failure;
use crate::demo::pos::House;
use crate::demo::pos::names::DeedName;
use crate::demo::pos::pair;
use crate::demo::pos::payments::{LedgerLine, Payment};
use crate::demo::pos::till::Till;
use hefu_tally::Moment;
use hefu_tally::leg::Direction;
use hefu_view::Words;
use hefu_world::bank::{Code, Fault, Refuse, Text};
use hefu_world::pos::Flow;
use hefu_world::pos::wire::{Fate, Way, Wire};
use hefu_world::terminal::{Command, Firmware, PrinterState};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use thiserror::Error;
use tokio::time::{Instant, sleep};
use utoipa::ToSchema;

/// Results that are kept.
const RESULTS: usize = 500;
/// Characters of a person's name.
const NAME: usize = 40;
/// Deeds that one lesson takes.
const DEEDS: usize = 50;
/// Each lesson has another amount: the one before may be in doubt for a while, and must not stand in its way.
const STEP: i64 = 10;
const AMOUNTS: i64 = 100;
/// How often a lesson looks what has happened.
const LOOKS_EVERY: Duration = Duration::from_millis(20);
/// How long the judge waits until all payments are decided, in stated milliseconds; then it judges what there is.
const DECIDED_WITHIN: u64 = 90_000;
/// How long a terminal may take to send what it owes before a lesson, in stated milliseconds.
const WORKS_OFF_WITHIN: u64 = 60_000;
/// The bank's answer is held up so long while something happens to its request, in stated milliseconds.
const HELD_UP: u32 = 6_000;
/// So long the crashed gateway of a lesson stays away.
const DOWN: Duration = Duration::from_millis(800);

/// All lessons under way, and all results.
pub struct Drills {
    runs: Mutex<BTreeMap<u32, Run>>,
    results: Mutex<VecDeque<Result>>,
    file: PathBuf,
    begun: AtomicI64,
}

/// How somebody did.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = DrillResult)]
pub struct Result {
    pub person: String,
    pub drill: String,
    pub at_ms: i64,
    pub passed: bool,
    pub terminal: String,
    pub verdicts: Vec<Verdict>,
}

struct Run {
    drill: &'static Drill,
    scene: &'static Scene,
    person: String,
    amount: i64,
    began: Moment,
    done: Vec<Deed>,
    stage: Stage,
    known: bool,
    outcome: Option<(Vec<Verdict>, Books)>,
}

/// How far a lesson is.
#[derive(Copy, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DrillStage)]
enum Stage {
    Running,
    Settling,
    Judged,
}

/// A lesson, as the page gets it.
#[derive(Serialize, ToSchema)]
#[schema(as = DrillRun)]
pub struct RunView {
    id: &'static str,
    title: Words,
    person: String,
    task: Words,
    amount: i64,
    stage: Stage,
    began_ms: i64,
    acts: Vec<ActView>,
    #[schema(value_type = Vec<DeedName>)]
    done: Vec<&'static str>,
    #[schema(required = true)]
    result: Option<Judged>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = DrillOutcome)]
struct Judged {
    passed: bool,
    verdicts: Vec<Verdict>,
    lesson: Words,
    books: Books,
}

/// Why a lesson does not begin, or does not take a deed.
#[derive(Debug, Error)]
pub enum Refused {
    #[error("there is no drill of that name")]
    NoSuchDrill,
    #[error("this drill cannot be shown on one terminal")]
    NotHere,
    #[error("this drill wants the other model of terminal")]
    OtherModel,
    #[error("a name has 1 to {NAME} characters")]
    Name,
    #[error("no drill is under way here")]
    NoDrill,
    #[error("this cannot be done in this drill now")]
    NotNow,
    #[error("{0:?}")]
    House(Failure),
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Refused {
        Refused::House(failure)
    }
}

impl Drills {
    /// With the results of the file, one a line.
    pub fn open(file: PathBuf) -> Drills {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        // A line that was cut off by a crash is nobody's result.
        let mut results: VecDeque<Result> =
            text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        results.drain(..results.len().saturating_sub(RESULTS));
        Drills { runs: Mutex::default(), results: Mutex::new(results), file, begun: AtomicI64::new(0) }
    }

    /// Newest first.
    pub fn results(&self) -> Vec<Result> {
        self.results.lock().unwrap_or_else(PoisonError::into_inner).iter().rev().cloned().collect()
    }

    /// The lesson at a till.
    pub fn view(&self, n: u32) -> Option<RunView> {
        let runs = self.runs();
        let run = runs.get(&n)?;
        let result = run.outcome.as_ref().map(|(verdicts, books)| Judged {
            passed: verdicts.iter().all(|verdict| verdict.good),
            verdicts: verdicts.clone(),
            lesson: pair(run.drill.lesson),
            books: *books,
        });
        Some(RunView {
            id: run.drill.id,
            title: pair(run.drill.title),
            person: run.person.clone(),
            task: run.drill.task(run.amount),
            amount: run.amount,
            stage: run.stage,
            began_ms: run.began.0,
            acts: run.scene.acts.iter().map(ActView::from).collect(),
            done: run.done.iter().map(|deed| deed.name()).collect(),
            result,
        })
    }

    /// Forgets the lesson at a till.
    pub fn forget(&self, n: u32) {
        self.runs().remove(&n);
    }

    /// Begins a lesson: everything well first, then what the lesson sets wrong.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn begin(
        &self,
        house: &Arc<House>,
        till: &Arc<Till>,
        id: &str,
        person: &str,
    ) -> std::result::Result<(), Refused> {
        let drill = Drill::named(id).ok_or(Refused::NoSuchDrill)?;
        let scene = match &drill.shown {
            Shown::Here(scene) => scene,
            Shown::No(_) => return Err(Refused::NotHere),
        };
        let deletes = till.place.firmware != Firmware::Certified;
        if scene.model == Model::Deletes && !deletes {
            return Err(Refused::OtherModel);
        }
        let person = person.trim();
        if person.is_empty() || person.chars().count() > NAME {
            return Err(Refused::Name);
        }
        self.forget(till.place.n);
        house.reset(till).await?;
        works_off(house, till).await;
        let run = Run {
            drill,
            scene,
            person: person.to_owned(),
            amount: scene.amount + STEP * (self.begun.fetch_add(1, Ordering::Relaxed) % AMOUNTS),
            began: house.now(),
            done: Vec::new(),
            stage: Stage::Running,
            known: false,
            outcome: None,
        };
        let began = run.began;
        self.runs().insert(till.place.n, run);
        for set in scene.set {
            self.set(house, till, *set, began).await?;
        }
        till.changed();
        Ok(())
    }

    /// The trainee does something with the customer.
    ///
    /// # Errors
    /// [`Refused::NoDrill`], [`Refused::NotNow`].
    pub fn act(&self, house: &Arc<House>, till: &Arc<Till>, deed: Deed) -> std::result::Result<(), Refused> {
        let n = till.place.n;
        let ends = {
            let mut runs = self.runs();
            let run = runs.get_mut(&n).ok_or(Refused::NoDrill)?;
            let may = run.stage == Stage::Running && run.scene.acts.contains(&deed) && run.done.len() < DEEDS;
            if !may {
                return Err(Refused::NotNow);
            }
            run.done.push(deed);
            deed.ends()
        };
        till.changed();
        if ends { self.end(house, till) } else { Ok(()) }
    }

    /// The trainee has decided, or gives up: what is still under way comes to its end, then the judge speaks.
    ///
    /// # Errors
    /// [`Refused::NoDrill`], [`Refused::NotNow`].
    pub fn end(&self, house: &Arc<House>, till: &Arc<Till>) -> std::result::Result<(), Refused> {
        let n = till.place.n;
        let began = {
            let mut runs = self.runs();
            let run = runs.get_mut(&n).ok_or(Refused::NoDrill)?;
            if run.stage != Stage::Running {
                return Err(Refused::NotNow);
            }
            run.stage = Stage::Settling;
            run.known = is_known(till, run.began);
            run.began
        };
        till.changed();
        let (house, till) = (house.clone(), till.clone());
        tokio::spawn(async move {
            settle(&house, &till, began).await;
            house.drills.judge(&house, &till, began);
            till.changed();
        });
        Ok(())
    }

    fn judge(&self, house: &House, till: &Till, began: Moment) {
        let (payments, ledger) = of_lesson(till, began);
        let mut runs = self.runs();
        // Another lesson may have begun meanwhile.
        let Some(run) = runs.get_mut(&till.place.n).filter(|run| run.began == began) else { return };
        let Run { scene, amount, done, known, .. } = run;
        let case = Case {
            amount: *amount,
            right: scene.right,
            done,
            known: *known,
            tried: !payments.is_empty() || tried(till, began),
            payments: &payments,
            ledger: &ledger,
        };
        let (verdicts, books) = (case.verdicts(), case.books());
        run.stage = Stage::Judged;
        run.outcome = Some((verdicts.clone(), books));
        let result = Result {
            person: run.person.clone(),
            drill: run.drill.id.to_owned(),
            at_ms: house.now().0,
            passed: verdicts.iter().all(|verdict| verdict.good),
            terminal: till.place.terminal.to_owned(),
            verdicts,
        };
        // Before anybody can see that it is judged: then its result is there.
        self.keep(result);
    }

    fn keep(&self, result: Result) {
        let line = serde_json::to_string(&result);
        let mut file = OpenOptions::new().create(true).append(true).open(&self.file);
        if let (Ok(line), Ok(file)) = (&line, &mut file)
            && let Err(error) = writeln!(file, "{line}")
        {
            tracing::warn!(%error, "a drill's result was not written down");
        }
        let mut results = self.results.lock().unwrap_or_else(PoisonError::into_inner);
        if results.len() >= RESULTS {
            results.pop_front();
        }
        results.push_back(result);
    }

    async fn set(
        &self,
        house: &Arc<House>,
        till: &Arc<Till>,
        set: Set,
        began: Moment,
    ) -> std::result::Result<(), Refused> {
        match set {
            Set::LoseRequest(wire) => till.fault_new(wire, |faults| faults.lose_request = 1),
            Set::LoseAnswer(wire) => till.fault_new(wire, |faults| faults.lose_answer = 1),
            Set::DoubleRequest(wire) => till.fault_new(wire, |faults| faults.double_request = 1),
            Set::BankDown => {
                house.bank(Fault { down: Some(true), ..Fault::default() }).await?;
            }
            Set::PaperOut => till.printer(PrinterState::OutOfPaper).await.map_err(Failure::from)?,
            Set::Refuse(code) => refuse(house, till, code).await?,
            Set::CrashAtBank | Set::PowerCutAtBank => {
                till.fault_new(Wire::Bank, |faults| faults.delay_ms = HELD_UP);
                let (house, till) = (house.clone(), till.clone());
                tokio::spawn(async move {
                    if !house.request_of_lesson(&till, began).await {
                        return;
                    }
                    if set == Set::CrashAtBank {
                        house.crash(DOWN);
                    } else if let Err(error) = till.power_off().await {
                        tracing::warn!(%error, "the power could not be cut");
                    }
                    till.fault(Wire::Bank, |faults| faults.delay_ms = 0);
                });
            }
        }
        Ok(())
    }

    fn is_at(&self, n: u32, began: Moment) -> bool {
        self.runs().get(&n).is_some_and(|run| run.began == began && run.stage == Stage::Running)
    }

    /// Does something while nobody else gets at the lessons.
    #[cfg(test)]
    pub fn while_held<T>(&self, work: impl FnOnce() -> T) -> T {
        let _runs = self.runs();
        work()
    }

    fn runs(&self) -> MutexGuard<'_, BTreeMap<u32, Run>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl House {
    /// Waits until a request of the lesson has passed the bank's line. False when the lesson ended first.
    async fn request_of_lesson(&self, till: &Till, began: Moment) -> bool {
        while self.drills.is_at(till.place.n, began) {
            let passed = till.tap.frames().iter().any(|frame| {
                let of_lesson = frame.at >= began && frame.wire == Wire::Bank && frame.way == Way::Up;
                of_lesson && frame.mti == 200 && frame.fate == Fate::Passed
            });
            if passed {
                return true;
            }
            sleep(LOOKS_EVERY).await;
        }
        false
    }
}

async fn refuse(house: &House, till: &Till, code: Code) -> std::result::Result<(), Failure> {
    let terminal = Text::new(till.place.terminal).unwrap_or_default();
    let refuse = Some(Refuse { terminal, code: Some(code) });
    house.bank(Fault { refuse, ..Fault::default() }).await?;
    Ok(())
}

/// The lesson's payments and the bank's lines.
fn of_lesson(till: &Till, began: Moment) -> (Vec<Payment>, Vec<LedgerLine>) {
    let inner = till.inner();
    let own = inner.beside.payments.iter().filter(|payment| payment.opened_ms >= began.0);
    (own.cloned().collect(), inner.beside.ledger.clone())
}

/// Whether the terminal has a payment of the lesson in its journal, though nobody else may have heard of it.
fn tried(till: &Till, began: Moment) -> bool {
    let inner = till.inner();
    inner.view.iter().flat_map(|view| &view.ledger).any(|entry| entry.at >= began)
}

/// Whether every outcome of the lesson is known, to the platform and at the till.
fn is_known(till: &Till, began: Moment) -> bool {
    let (payments, _) = of_lesson(till, began);
    let inner = till.inner();
    let at_till = |payment: &Payment| {
        let mut lines = inner.view.iter().flat_map(|view| &view.ledger).rev();
        let line = lines.find(|entry| entry.batch == payment.batch && entry.trace == payment.trace);
        payment.direction != Direction::Keep || line.is_some_and(|entry| !entry.is_unknown())
    };
    payments.iter().all(|payment| is_decided(payment) && at_till(payment))
}

/// Lets the terminal send what it still owes of earlier payments, so that the lesson begins with nothing under way.
async fn works_off(house: &House, till: &Arc<Till>) {
    let until = Instant::now() + Duration::from_millis(WORKS_OFF_WITHIN / u64::from(house.scale()));
    let mut sent = false;
    while Instant::now() < until {
        let (owes, busy, on) = {
            let inner = till.inner();
            let owes =
                inner.view.as_ref().is_some_and(|view| view.owes.reversal.is_some() || view.owes.offline > 0);
            (owes, inner.device.is_busy(), inner.device.is_on())
        };
        if on && !busy && (!owes || sent) {
            till.rests();
            return;
        }
        if !busy && !sent {
            sent = true;
            till.run_by_itself(Flow::SendPending, Command::SendPending);
        }
        sleep(LOOKS_EVERY).await;
    }
}

/// Lets everything come to its end: the lines are mended, the terminal sends what it owes, as it would before its next
/// payment, and the platform decides.
async fn settle(house: &Arc<House>, till: &Arc<Till>, began: Moment) {
    if let Err(failure) = house.reset(till).await {
        tracing::warn!(?failure, "the lesson's faults stay");
    }
    let patience = Duration::from_millis(DECIDED_WITHIN / u64::from(house.scale()));
    let until = Instant::now() + patience;
    let mut sent = false;
    while Instant::now() < until {
        let (payments, _) = of_lesson(till, began);
        let rests = house.gateway_is_up() && !till.inner().device.is_busy();
        if rests && sent && payments.iter().all(is_decided) {
            break;
        }
        if rests && !sent {
            sent = true;
            till.run_by_itself(Flow::SendPending, Command::SendPending);
        }
        sleep(LOOKS_EVERY).await;
    }
    // What was decided last is read once more.
    house.looked_anew().await;
    house.looked_anew().await;
}
