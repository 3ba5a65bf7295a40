//! Many registers and a model cloud in virtual time: the rules hold for every seed, and what is made
//! wrong on purpose is caught (docs/RELIABILITY.md).

#![allow(missing_docs, reason = "test names are sentences")]
#![allow(
    clippy::print_stdout,
    reason = "how many seeds a control took is what its test is there to say"
)]

use std::collections::{BTreeMap, BTreeSet};

use counterfoil_simulator::faults::{Fault, FaultPlan, Faults};
use counterfoil_simulator::many::{Summary, cores, run_many};
use counterfoil_simulator::{Case, Control, run, shrink};

/// Seeds of one test run; `cargo xtask prove` runs as many as there is time for.
const SEEDS: u64 = 1_000;
/// Seeds within which a control must be caught.
const CONTROL_SEEDS: u64 = 100;

fn replays(summary: &Summary) -> String {
    let line = |(case, broken): &(Case, Vec<(u8, String)>)| {
        let broken: Vec<String> = broken
            .iter()
            .take(5)
            .map(|(rule, what)| format!("  rule {rule}: {what}\n"))
            .collect();
        format!("{case}\n{}", broken.concat())
    };
    summary.failed.iter().map(line).collect()
}

#[test]
fn every_rule_holds_for_a_thousand_seeds_and_every_fault_occurs() {
    let summary = run_many(0..SEEDS, cores(), 5, Case::of);
    println!(
        "{} runs, {} sales, {} s of virtual time, {} seeds a minute; {:?}; {:?}; {:?}; {:?}; {:?}",
        summary.runs,
        summary.sales,
        summary.virtual_ms / 1_000,
        summary.a_minute(),
        summary.tally.faults,
        summary.tally.codes,
        summary.tally.states,
        summary.tally.met,
        summary.tally.found,
    );
    assert!(summary.failed.is_empty(), "\n{}", replays(&summary));
    for fault in Fault::ALL {
        let occurred = summary.tally.faults.get(fault).copied().unwrap_or(0);
        assert!(occurred > 0, "{} never occurred", fault.name());
    }
    let codes: BTreeSet<&str> = summary.tally.codes.keys().map(String::as_str).collect();
    assert_eq!(codes.len(), 17, "all sixteen codes, and Ok: {codes:?}");
    // Copied, signed out, refused and cut off: the status line says so, and all of it passes.
    for state in [
        "Idle",
        "Syncing",
        "Offline",
        "SignInNeeded",
        "NotAllowed",
        "IdentityNeeded",
    ] {
        let said = summary.tally.states.get(state).copied().unwrap_or(0);
        assert!(said > 0, "no status line ever said {state}");
    }
    for found in FOUND {
        let times = summary.tally.found.get(found).copied().unwrap_or(0);
        assert!(times > 0, "never was there {found}");
    }
    // Items that were decided before, at a copy or before a restore, were decided once more after each choice.
    for before in ["KeepCloud", "RecordSeparately", "Dismiss"] {
        let mut met = summary.tally.met.keys();
        let after = format!("after {before}");
        assert!(met.any(|both| both.ends_with(&after)), "nothing {after}");
    }
}

/// What the rules must have had something to say about, or they would hold for want of an occasion.
const FOUND: [&str; 9] = [
    "a document that a late commit brought",
    "a sale that is dismissed and came late, named by reconcile",
    "a sale that is open and came late, named by reconcile",
    "a number used twice, noticed",
    "a number used twice, found by reconcile",
    "two sales of the same goods",
    "no possible duplicate",
    "a possible duplicate that is told of",
    "a possible duplicate that may be told of or not",
];

/// Seeds that once broke a rule, beyond the thousand or not, each with what it showed.
const ONCE_BROKEN: &[(u64, &str)] = &[
    (
        1_613,
        "a sale that waited for its turn waited for hours by which the register's clock was set back meanwhile",
    ),
    (
        1_774,
        "a bad sale that was denied with all the others, and not tried since, was taken for one without a reason",
    ),
    (
        567,
        "a denial whose request was under way before another sale was accepted condemned a good one",
    ),
    (
        930,
        "a number was counted while its sale stood in the failure list, and not again when it went up after its twin's",
    ),
    (
        931,
        "a copy recorded an item separately that its original held too, and the original took that for its number \
         used twice",
    ),
    (
        2_072,
        "another version stood in the place of a sale that was refused for another reason, and was taken for its number \
         used twice",
    ),
    (
        3_310,
        "a number that a twin had used first was called counted, because a sale that was on its way might have been the \
         one too many",
    ),
    (
        3_451,
        "of three sales of the same goods each check tells of one, and the rule asked for every pair",
    ),
    (
        3_964,
        "a copy whose upload was refused could do nothing about an item for which its original had kept the cloud's \
         version",
    ),
];

#[test]
fn what_a_seed_has_shown_once_stays_mended() {
    for (seed, showed) in ONCE_BROKEN {
        let case = Case::of(*seed);
        assert_eq!(run(&case, false).broken, [], "{showed}\n{case}");
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    for seed in [1, 7, 77, 119, 205, 281] {
        let (one, other) = (run(&Case::of(seed), true), run(&Case::of(seed), true));
        assert!(!one.trace.is_empty());
        assert_eq!(one.trace, other.trace, "seed {seed}");
        assert_eq!(one.trace_hash, other.trace_hash, "seed {seed}");
    }
}

/// A control that is not caught would mean that the rules prove nothing. It must be caught for what is
/// wrong with it: by the `rule` whose words these are.
fn caught(control: Control, rule: u8, words: &str) {
    // One thread: the first seed that catches it is the same everywhere.
    for seed in 0..CONTROL_SEEDS {
        let case = Case {
            control: Some(control),
            ..Case::of(seed)
        };
        let broken = run(&case, false).broken;
        let why = |(by, what): &&(u8, String)| *by == rule && what.contains(words);
        if let Some((_, what)) = broken.iter().find(why) {
            let name = control.name();
            println!(
                "{name} is caught after {} seed(s) by rule {rule}: {what}\n{case}",
                seed + 1
            );
            return;
        }
    }
    panic!(
        "{} was not caught by rule {rule} (“{words}”) in {CONTROL_SEEDS} seeds",
        control.name()
    );
}

#[test]
fn the_founding_design_taken_literally_is_caught_by_its_doubled_sales() {
    caught(Control::Founding, 2, "is in the cloud twice");
}

#[test]
fn the_founding_design_taken_literally_is_caught_by_its_increments() {
    caught(Control::Founding, 5, "the increments count");
    // It is what goes wrong that is caught, and not the design where nothing goes wrong.
    for seed in 0..5 {
        let case = Case {
            control: Some(Control::Founding),
            faults: Faults::none(),
            ..Case::of(seed)
        };
        assert_eq!(run(&case, false).broken, [], "{case}");
    }
}

#[test]
fn an_outbox_that_calls_a_sale_synced_before_it_is_sent_is_caught() {
    caught(Control::SyncedEarly, 2, "is not in the cloud");
}

#[test]
fn a_digest_that_leaves_a_field_out_is_caught() {
    caught(Control::BlindDigest, 2, "is another sale in the cloud");
}

#[test]
fn what_is_never_released_from_flight_is_caught() {
    caught(Control::NeverReleased, 4, "wait although nothing is wrong");
}

#[test]
fn a_passing_trouble_that_is_taken_for_a_refusal_is_caught() {
    caught(
        Control::FailsOnPassing,
        2,
        "is a failed item (refused) for no reason",
    );
}

/// The same in a run with one of these faults.
fn caught_under(control: Control, faults: &[Fault], rule: u8, words: &str) {
    let case = |seed| Case {
        control: Some(control),
        ..Case::of(seed)
    };
    let mut tried = 0;
    for case in (0..4 * CONTROL_SEEDS).map(case) {
        let plan = FaultPlan::draw(case.seed, &case.faults);
        if faults.iter().all(|fault| plan.rate(*fault) == 0) {
            continue;
        }
        tried += 1;
        let broken = run(&case, false).broken;
        let why = |(by, what): &&(u8, String)| *by == rule && what.contains(words);
        if let Some((_, what)) = broken.iter().find(why) {
            let name = control.name();
            println!("{name} is caught after {tried} such seed(s) by rule {rule}: {what}\n{case}");
            return;
        }
    }
    let name = control.name();
    panic!("{name} was not caught by rule {rule} (“{words}”) in {tried} seeds with {faults:?}");
}

/// Faults that make it hard to say who had to be warned of a possible duplicate.
const BLURRING: [Fault; 4] = [
    Fault::Clock,
    Fault::ServerClock,
    Fault::Code,
    Fault::Restored,
];

#[test]
fn a_twin_that_does_not_notice_is_caught_although_the_other_one_does() {
    let words = "desk 0 did not notice";
    caught_under(Control::DeafOriginal, &[Fault::Cloned], 2, words);
}

#[test]
fn a_proof_that_does_not_find_what_a_twin_has_done_is_caught() {
    let words = "reconcile finds 0 differences";
    caught_under(Control::HiddenDoubles, &[Fault::Cloned], 2, words);
}

#[test]
fn a_proof_that_finds_more_at_a_twin_than_there_is_is_caught() {
    let words = "Missing in Cloud";
    caught_under(Control::HiddenSale, &[Fault::Cloned], 2, words);
}

#[test]
fn a_proof_that_does_not_name_what_landed_late_is_caught() {
    // Nothing else differs in these words: what is due is there, and the report has none of it.
    caught(Control::HiddenLate, 2, "late: {\"");
}

#[test]
fn a_check_for_duplicates_that_is_never_made_is_caught_under_each_fault() {
    for fault in BLURRING {
        let words = "never asked whether";
        caught_under(Control::NeverAsked, &[fault], 4, words);
    }
}

#[test]
fn a_possible_duplicate_that_nobody_is_told_of_is_caught_under_each_fault() {
    for fault in BLURRING {
        caught_under(Control::NeverTold, &[fault], 4, "did not warn of");
    }
}

#[test]
fn a_warning_that_must_not_be_is_caught_under_each_fault() {
    for fault in BLURRING {
        caught_under(Control::WideWindow, &[fault], 4, "for no reason");
    }
}

#[test]
fn a_failure_is_made_smaller_and_still_fails() {
    let case = Case {
        control: Some(Control::SyncedEarly),
        ..Case::of(1)
    };
    let broken = |case: &Case| run(case, false).broken;
    assert!(!broken(&case).is_empty());
    let small = shrink(&case);
    println!("{case}\nis made smaller: {small}");
    assert!(broken(&small).iter().any(|(rule, _)| *rule == 2), "{small}");
    assert!(
        small.sales < case.sales && small.registers < case.registers,
        "{small}"
    );
    assert!(small.faults.on().count() < 5, "{small}");
    // The line is all that a replay needs.
    let line = small.to_string();
    let word = |name: &str| {
        let mut words = line.split(' ').skip_while(|word| *word != name);
        words.nth(1).expect("it is in the line").to_owned()
    };
    let read: Faults = word("--faults").parse().expect("faults");
    assert_eq!((read, word("--seed").as_str()), (small.faults.clone(), "1"));
}

#[test]
fn without_faults_nothing_is_refused_or_sent_twice() {
    let case = |seed| Case {
        faults: Faults::none(),
        ..Case::of(seed)
    };
    for case in (0..50).map(case) {
        let outcome = run(&case, false);
        assert_eq!(outcome.broken, [], "{case}");
        let refused =
            |(code, times): (&String, &u64)| (code != "Ok").then(|| (code.clone(), *times));
        let mut codes: BTreeMap<_, _> = outcome.tally.codes.iter().filter_map(refused).collect();
        // Registers may create the store's document at once; whoever was not the first is told so, once.
        let late = codes.remove("AlreadyExists").unwrap_or(0);
        assert!(late < case.registers as u64, "{late} at {case}");
        assert!(codes.is_empty(), "{codes:?} at {case}");
    }
}
