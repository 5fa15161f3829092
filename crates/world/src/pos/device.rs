//! The device: what a cashier touches and sees. Pure; whoever owns it runs the commands and brings it what the
//! terminal shows.

mod show;
#[cfg(test)]
mod tests;

use self::show::{present, yuan};
use super::draft::{Draft, Next, Wrong};
use super::flow::{Ask, Flow};
use super::key::Key;
use super::screen::{Beep, Lamp, Signal, Tone, Voice};
use crate::terminal::drive::View;
use crate::terminal::{Belief, CardInput, Command, EntryMode, Outcome, Question, Text};

/// A terminal's front.
pub struct Device {
    stage: Stage,
    signal: Signal,
    voice: Option<Voice>,
    /// Numbers beeps and sentences.
    said: u64,
}

/// What the owner must do.
pub enum Act {
    Run(Box<Command>),
    /// Print the slip of this trace once more.
    Reprint(u32),
}

/// Nothing happens when this is touched now.
#[derive(Copy, Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Dead {
    #[error("this key does nothing now")]
    Key,
    #[error("no card is asked for now, or not in this way")]
    Reader,
}

enum Stage {
    Off,
    Idle,
    Menu(usize),
    Asking(Box<Draft>),
    Busy { flow: Flow, shows: Text },
    Ended(Ended),
    Question(Question),
}

/// A result on the screen.
struct Ended {
    title: Text,
    lines: Vec<Text>,
    tone: Tone,
    code: Option<String>,
    /// What is asked once this was read.
    question: Option<Question>,
}

const ALL_WAYS: [EntryMode; 3] = [EntryMode::Swipe, EntryMode::Insert, EntryMode::Contactless];
/// Lines of the menu.
const ENTRIES: usize = Flow::ALL.len();

impl Device {
    /// A device without power.
    pub fn new() -> Device {
        let signal = Signal { id: 0, lamp: Lamp::Off, beep: Beep::None };
        Device { stage: Stage::Off, signal, voice: None, said: 0 }
    }

    /// Power comes on. A terminal that is not signed on signs on.
    pub fn power_on(&mut self, view: &View) -> Option<Act> {
        self.beep(Lamp::Blue, Beep::Key);
        if view.signed_on && !view.owes.sign_on {
            self.stage = Stage::Idle;
            return None;
        }
        Some(self.run(Flow::SignOn, Command::SignOn))
    }

    /// Power goes. What was typed is gone with it.
    pub fn power_off(&mut self) {
        self.stage = Stage::Off;
        self.beep(Lamp::Off, Beep::None);
        self.voice = None;
    }

    pub fn is_on(&self) -> bool {
        !matches!(self.stage, Stage::Off)
    }

    /// Whether a command runs.
    pub fn is_busy(&self) -> bool {
        matches!(self.stage, Stage::Busy { .. })
    }

    /// Whether nothing is under way that a person began.
    pub fn is_idle(&self) -> bool {
        matches!(self.stage, Stage::Idle)
    }

    /// Begins a command that no key asked for, such as a sign-on after the line came back.
    pub fn run(&mut self, flow: Flow, command: Command) -> Act {
        self.stage = Stage::Busy { flow, shows: Text::new("正在处理", "Working") };
        self.beep(Lamp::Blue, Beep::Key);
        Act::Run(Box::new(command))
    }

    /// A key was pressed.
    ///
    /// # Errors
    /// [`Dead::Key`] when it does nothing now.
    pub fn press(&mut self, key: Key, view: &View) -> Result<Option<Act>, Dead> {
        if !self.alive().contains(&key) {
            return Err(Dead::Key);
        }
        self.beep(self.signal.lamp, Beep::Key);
        match &mut self.stage {
            Stage::Off | Stage::Busy { .. } => Err(Dead::Key),
            Stage::Idle => self.at_rest(key, view),
            Stage::Menu(at) => {
                let at = *at;
                self.in_menu(key, at, view)
            }
            Stage::Asking(_) => self.in_draft(key, view),
            Stage::Ended(ended) => {
                if let Some(question) = ended.question.take() {
                    self.ask(question);
                    return Ok(None);
                }
                self.rest();
                match key {
                    Key::Enter | Key::Clear | Key::Cancel => Ok(None),
                    Key::Digit(_) | Key::DoubleZero | Key::Point | Key::Menu | Key::Up | Key::Down => {
                        self.at_rest(key, view)
                    }
                }
            }
            Stage::Question(question) => {
                let trace = question.trace;
                match key {
                    Key::Enter => Ok(Some(self.run(Flow::Confirm, Command::Confirm { trace, has: true }))),
                    Key::Cancel => Ok(Some(self.run(Flow::Confirm, Command::Confirm { trace, has: false }))),
                    Key::Clear
                    | Key::Digit(_)
                    | Key::DoubleZero
                    | Key::Point
                    | Key::Menu
                    | Key::Up
                    | Key::Down => {
                        self.rest();
                        Ok(None)
                    }
                }
            }
        }
    }

    /// A card was presented.
    ///
    /// # Errors
    /// [`Dead::Reader`] when none is asked for.
    pub fn card(&mut self, card: CardInput, view: &View) -> Result<Option<Act>, Dead> {
        let Stage::Asking(draft) = &mut self.stage else { return Err(Dead::Reader) };
        if draft.asks() != Some(Ask::Card) {
            return Err(Dead::Reader);
        }
        let next = draft.takes(card, view);
        let act = self.go_on(next);
        self.prompt();
        Ok(act)
    }

    /// The terminal shows this while it works.
    pub fn shows(&mut self, text: Text) {
        if let Stage::Busy { shows, .. } = &mut self.stage {
            *shows = text;
        }
    }

    /// The command has ended.
    pub fn ended(&mut self, outcome: &Outcome, question: Option<Question>) {
        let Stage::Busy { flow, .. } = self.stage else { return };
        let (tone, lamp, beep) = match outcome.believes {
            Belief::Approved { .. } => (Tone::Good, Lamp::Green, Beep::Good),
            Belief::Declined | Belief::NotSent => (Tone::Bad, Lamp::Red, Beep::Bad),
            Belief::Unknown => (Tone::Unknown, Lamp::Amber, Beep::Warn),
        };
        self.beep(lamp, beep);
        let mut lines = vec![outcome.text.clone()];
        let mut spoken = outcome.text.clone();
        if let Belief::Approved { amount: amount @ 1.. } = outcome.believes {
            lines.push(Text::new(format!("金额 {}", yuan(amount)), format!("Amount {}", yuan(amount))));
            spoken = Text::new(
                format!("{}{}元", spoken.zh, yuan(amount)),
                format!("{} {}", spoken.en, yuan(amount)),
            );
        }
        if let Some(trace) = outcome.trace {
            lines.push(Text::new(format!("凭证号 {trace:06}"), format!("Voucher {trace:06}")));
        }
        if let Some(rrn) = &outcome.rrn {
            lines.push(Text::new(format!("参考号 {rrn}"), format!("Reference {rrn}")));
        }
        self.speak(spoken);
        let code = outcome.response.clone();
        self.stage = Stage::Ended(Ended { title: flow.title(), lines, tone, code, question });
    }

    /// The command came to no end that the terminal could tell.
    pub fn failed(&mut self, text: Text) {
        if let Stage::Busy { flow, .. } = self.stage {
            self.result(flow, Tone::Unknown, text);
        }
    }

    /// Puts a sentence of the device's own on the screen.
    pub fn result(&mut self, flow: Flow, tone: Tone, text: Text) {
        let lines = vec![text];
        self.stage = Stage::Ended(Ended { title: flow.title(), lines, tone, code: None, question: None });
    }

    /// The printer wants attention.
    pub fn paper_warns(&mut self, text: Text) {
        self.beep(Lamp::Amber, Beep::Warn);
        self.speak(text);
    }

    /// Back to where the day's work begins.
    pub fn rest(&mut self) {
        self.stage = Stage::Idle;
        self.beep(Lamp::Blue, Beep::None);
    }

    pub fn signal(&self) -> Signal {
        self.signal
    }

    pub fn voice(&self) -> Option<&Voice> {
        self.voice.as_ref()
    }

    fn alive(&self) -> Vec<Key> {
        let is_alive = |key: &Key| match (&self.stage, key) {
            (Stage::Off | Stage::Busy { .. }, _) => false,
            (Stage::Idle, Key::Digit(_) | Key::DoubleZero | Key::Point | Key::Menu | Key::Up | Key::Down) => {
                true
            }
            (Stage::Idle, Key::Clear | Key::Cancel | Key::Enter) => false,
            (Stage::Menu(_), Key::Digit(_) | Key::Up | Key::Down | Key::Enter | Key::Cancel | Key::Menu) => {
                true
            }
            (Stage::Menu(_), Key::DoubleZero | Key::Point | Key::Clear) => false,
            (Stage::Ended(_), _) => true,
            (Stage::Question(_), Key::Enter | Key::Cancel | Key::Clear) => true,
            (Stage::Question(_), _) => false,
            (Stage::Asking(draft), key) => match (draft.asks(), key) {
                (_, Key::Cancel) => true,
                (
                    Some(Ask::Amount),
                    Key::Digit(_) | Key::DoubleZero | Key::Point | Key::Clear | Key::Enter,
                ) => true,
                (Some(Ask::Trace), Key::Digit(_) | Key::DoubleZero | Key::Clear | Key::Enter) => true,
                (Some(Ask::Pin), Key::Digit(_) | Key::Clear | Key::Enter) => true,
                (Some(Ask::YesNo), Key::Enter | Key::Clear) => true,
                (Some(Ask::Card | Ask::Amount | Ask::Trace | Ask::Pin | Ask::YesNo) | None, _) => false,
            },
        };
        Key::all().filter(is_alive).collect()
    }

    fn at_rest(&mut self, key: Key, view: &View) -> Result<Option<Act>, Dead> {
        match key {
            Key::Menu | Key::Down => self.stage = Stage::Menu(0),
            Key::Up => self.stage = Stage::Menu(ENTRIES - 1),
            Key::Digit(_) | Key::DoubleZero | Key::Point => {
                self.stage = Stage::Asking(Box::new(Draft::new(Flow::Sale)));
                return self.in_draft(key, view);
            }
            Key::Clear | Key::Cancel | Key::Enter => return Err(Dead::Key),
        }
        Ok(None)
    }

    fn in_menu(&mut self, key: Key, at: usize, view: &View) -> Result<Option<Act>, Dead> {
        match key {
            Key::Down => self.stage = Stage::Menu((at + 1) % ENTRIES),
            Key::Up => self.stage = Stage::Menu((at + ENTRIES - 1) % ENTRIES),
            // The digit's place in the list, as it is printed before the line.
            Key::Digit(digit) => return self.choose(usize::from(digit + 9) % 10, view),
            Key::Enter => return self.choose(at, view),
            Key::Cancel | Key::Menu => self.rest(),
            Key::DoubleZero | Key::Point | Key::Clear => return Err(Dead::Key),
        }
        Ok(None)
    }

    fn choose(&mut self, at: usize, view: &View) -> Result<Option<Act>, Dead> {
        let flow = *Flow::ALL.get(at).ok_or(Dead::Key)?;
        let draft = Draft::new(flow);
        let next = draft.begins(view);
        self.stage = Stage::Asking(Box::new(draft));
        let act = self.go_on(next);
        self.prompt();
        Ok(act)
    }

    fn in_draft(&mut self, key: Key, view: &View) -> Result<Option<Act>, Dead> {
        let Stage::Asking(draft) = &mut self.stage else { return Err(Dead::Key) };
        let flow = draft.flow;
        let next = match key {
            Key::Cancel => {
                self.rest();
                return Ok(None);
            }
            // "No" to the question whether a sale stands is an answer; to any other it ends the matter.
            Key::Clear if draft.asks() == Some(Ask::YesNo) && flow == Flow::Confirm => {
                draft.says(false, view)
            }
            Key::Clear if draft.asks() == Some(Ask::YesNo) => {
                self.rest();
                return Ok(None);
            }
            Key::Clear => {
                if !draft.clears() && flow == Flow::Sale && draft.asks() == Some(Ask::Amount) {
                    self.rest();
                }
                return Ok(None);
            }
            Key::Enter if draft.asks() == Some(Ask::YesNo) => draft.says(true, view),
            Key::Enter => draft.enters(view),
            Key::Digit(_) | Key::DoubleZero | Key::Point => {
                if !draft.types(key.name()) {
                    self.beep(Lamp::Amber, Beep::Warn);
                }
                return Ok(None);
            }
            Key::Menu | Key::Up | Key::Down => return Err(Dead::Key),
        };
        let act = self.go_on(next);
        self.prompt();
        Ok(act)
    }

    fn go_on(&mut self, next: Result<Next, Wrong>) -> Option<Act> {
        let Stage::Asking(draft) = &self.stage else { return None };
        let flow = draft.flow;
        match next {
            Ok(Next::Asks) => None,
            Ok(Next::Run(command)) => Some(self.run(flow, command)),
            Ok(Next::Reprint(trace)) => {
                self.rest();
                Some(Act::Reprint(trace))
            }
            Err(wrong) => {
                self.beep(Lamp::Amber, Beep::Warn);
                let (zh, en) = match wrong {
                    Wrong::Amount => ("金额无效", "Not an amount"),
                    Wrong::Trace => ("找不到该交易", "There is no such transaction"),
                    Wrong::Pin => ("密码应为 6 位", "A PIN has 6 digits"),
                };
                // Digits of the PIN or the amount may be typed again; without its original nothing can go on.
                if wrong == Wrong::Trace {
                    self.result(flow, Tone::Bad, Text::new(zh, en));
                } else {
                    self.speak(Text::new(zh, en));
                }
                None
            }
        }
    }

    fn ask(&mut self, question: Question) {
        self.beep(Lamp::Amber, Beep::Warn);
        self.speak(Text::new(question.text.clone(), question.text.clone()));
        self.stage = Stage::Question(question);
    }

    /// Says what the customer or the cashier is to do next.
    fn prompt(&mut self) {
        let Stage::Asking(draft) = &self.stage else { return };
        let text = match draft.asks() {
            Some(Ask::Card) => present(),
            Some(Ask::Pin) => Text::new("请输入密码", "Please enter your PIN"),
            Some(Ask::Amount | Ask::Trace | Ask::YesNo) | None => return,
        };
        self.speak(text);
    }

    fn beep(&mut self, lamp: Lamp, beep: Beep) {
        self.said += 1;
        self.signal = Signal { id: self.said, lamp, beep };
    }

    fn speak(&mut self, text: Text) {
        self.said += 1;
        self.voice = Some(Voice { id: self.said, text });
    }
}

impl Default for Device {
    fn default() -> Device {
        Device::new()
    }
}
