//! The list of all planted mistakes, room by room.

use crate::Listed;

macro_rules! table {
    ($($room:literal { $($name:ident: $breaks:literal,)+ })+) => {
        /// The names, so that the compiler knows them.
        #[derive(Copy, Clone, PartialEq, Eq)]
        pub enum Mutant {
            $($(#[doc = $breaks] $name,)+)+
        }

        /// All planted mistakes, in the order of their rooms.
        pub const TABLE: &[Listed] = &[
            $($(Listed { name: stringify!($name), room: $room, breaks: $breaks },)+)+
        ];
    };
}

table! {
    "tally" {
        ForgetsTheReversalDuty: "what is under return owes no reversal",
        ForgetsTheMerchantDuty: "an approval that was told owes no hearing of the merchant",
        TrustsTheFirstDenial: "the first 25 to a reversal closes the matter",
        TakesAnOldDenialForANewOne: "the late denial of an earlier copy closes the matter for a newer one",
        SendsWhatIsTooOld: "a request leaves for the bank however late it became durable",
        ClosesBeforeTheTransitTime: "a second 25 closes the matter however soon it comes",
        ClosesOnDenialAfterApproval: "a 25 closes the matter though an approval was seen",
        Takes22ForReturned: "a 22 to a reversal is taken for done",
        TakesFirst94ForReturned: "a 94 to the first reversal is taken for done",
        TakesAnyCodeForReturned: "any answer to a reversal is taken for done, as old terminals do",
        ClosesOnEarlyAcknowledgement: "a 00 to a copy that left before the approval came closes the matter",
        TellsApprovalUnderReturn: "an approval that comes under return is told",
        TellsUnknownAsDeclined: "the terminal hears 05 for what is unknown",
        TakesSilenceForNotSent: "no answer by the deadline is taken for nothing charged",
        BelievesAWrongMac: "an answer with a wrong MAC is believed",
        BelievesAnotherTerminal: "an answer that names another terminal or processing code is believed",
        BelievesAnotherAmount: "an approval over another amount is believed",
        TakesPartForWhole: "a part approval is taken for the whole amount",
        Takes68ForDeclined: "a 68 to a request is taken for a decline",
        StaysOpenAfterRestart: "a request without an answer is not turned to return by a restart",
        GivesUpAfterThreeReversals: "a reversal is given up after three copies",
        StopsReversingAtTheCut: "a reversal that nobody answered by the day cut is never sent again",
        RepeatsWithoutPause: "a reversal or advice is repeated at once, again and again",
        DropsTheLateApproval: "an approval that comes after the matter was closed is ignored",
        ReversesWhatWasVoided: "a terminal's reversal of what was voided or refunded is carried out too",
        IgnoresTheTerminalsReversal: "a terminal's reversal is acknowledged, and nothing is given back",
        KeepsWhatWasNeverWritten: "an approval that could not be written to the terminal is kept",
        PresumesForOldModels: "the next transaction of a terminal that deletes its reversals proves its sale",
        DecidesBeforeTheCut: "the merchant's policy decides at once, not at the day cut",
        ReversesAnAdvice: "an advice without an answer is reversed",
        TellsAStaleApproval: "a repeat hears an approval though it is being returned",
        ForgetsTheClearing: "what two denials closed does not wait for clearing",
        RoundsTheFeeDown: "the fee is rounded down",
        LeavesRefundsOutOfTheBooks: "a refund is not posted",
        ForgetsToLetTheHoldGo: "a completion leaves the hold of its pre-authorisation standing",
    }
    "engine" {
        SleepsAtTheCut: "a reversal that is left to clearing goes on when duties are next looked for",
        SpeaksBeforeTheCommit: "what follows from a change leaves before the change is durable",
        LosesEffectsAtTheCommit: "what waited for a commit is dropped when it is there",
        TakesRefusedForCommitted: "what the store refused is taken for committed",
        DropsAFactOfAChange: "what the terminal was told is not put on record",
        RepeatsUnderAFreshKey: "each repeat of a reversal goes out under a key of its own",
        ReversesUnderTheRequestsKey: "a reversal goes out under the key of what it reverses",
        SendsAgainAfterRestart: "a request without an answer is sent again after a restart",
        TakesAnswersByTraceAlone: "an answer finds its payment by DE11 alone",
        TakesAnswersOfAnyLink: "an answer that came on another bank's link is believed",
        ReversesOnTheFirstLink: "reversals and repeats leave on the first link, whichever bank has the original",
        StopsAllLinksForOne: "a bank that is silent stops the new payments of the others as well",
        IgnoresTheKeyOfAnAnswer: "an answer with our reference and another key is believed",
        LooksInOneShardOnly: "a bank's answer is looked for in the first shard",
        NamesTheWrongShard: "references name the first shard, wherever the payment is",
        StandsStillWithTraceNumbers: "the same trace number is used on the link again and again",
        LosesTheWakeUp: "nobody asks to be woken when a duty is due",
        LeavesTheStalledForEver: "what waited for the link is not taken up when it is back",
        PresumesWhatWasToldSince: "a transaction proves an approval that went out after it had come",
        ForgetsTheRefundSum: "a refund is not compared with what was refunded before",
        RefundsWhileOneIsUnknown: "a second refund is sent while the first is unknown",
        VoidsWhatIsUnknown: "a void is sent of what is unknown or under return",
        CompletesBeyondTheLimit: "a completion above 115 percent is sent",
        ChargesAgainWhileInDoubt: "the same card and amount is charged again while the first is in doubt",
        ForgetsItsIdentities: "a repeat is taken for a new transaction",
        LooksForNoDuties: "after a restart nobody looks for what is owed",
        ReversesTheSaleForTheVoid: "the reversal of a void names the sale",
        LeavesNoTombstone: "a reversal of what was never seen leaves nothing behind",
        BalancesEveryBatch: "every settlement is answered as equal",
        TakesEveryUploadForComplete: "an upload with missing lines is taken for complete",
        TellsAClashTheTruth: "the same identity with other content hears how the first one went",
        ForgetsTheAuthorisation: "a pre-authorisation is not found by its authorisation code",
    }
    "store" {
        SkipsTheVersion: "a row is written over whatever version it has",
        LetsHandlesRepeat: "a unique handle is given twice",
        KeepsDutiesThatAreDone: "duties that are done stay",
        WritesNoNewDuties: "new duties are not written",
        WritesNoBalances: "postings are not added to the balances",
        BreaksTheChainOfFacts: "a fact's hash leaves out the fact before it",
        LosesThePostings: "postings are not kept",
        LeasesTheSameTwice: "the same block of numbers is leased again",
        DropsTheFirstEntry: "the first entry of a batch is acknowledged and not written",
        ForgetsTheBatchNumber: "the number of the last batch is not kept",
    }
    "iso8583" {
        DropsAByteOfASplitFrame: "a frame that comes in two pieces loses a byte",
        ReadsOddDigitsFromTheRight: "an odd number of packed digits begins with the padding",
        LeavesTheEndOutOfTheMac: "the last field before the MAC is not covered by it",
    }
    "switch" {
        ChecksNoTerminalsMac: "a terminal's message is believed whatever its MAC",
        ChecksNoBanksMac: "a bank's message is believed whatever its MAC",
        ShiftsTheAmount: "the bank is asked for a tenth of the amount",
        NeverNoticesASilentLink: "a link on which nothing is heard stays up",
    }
    "world" {
        NeverLosesABankMessage: "no world loses messages of the bank",
        NeverCutsThePower: "no world's terminals lose power",
        NeverCrashesTheGateway: "no world's gateway crashes",
        NeverCrashesOverAStandingBatch: "what was given to the store is always lost in a crash",
        NeverDrawsAnOddCard: "only the card that always works is used",
        NeverDrawsTheRefundCard: "the card that loses the answer to a refund is never used",
        NeverSettlesABatch: "no cashier ever settles a batch",
        NeverCutsTheDayInTrouble: "no business day closes while there is trouble",
    }
}
