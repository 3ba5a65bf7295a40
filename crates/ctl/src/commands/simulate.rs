//! `simulate`.

use std::num::NonZeroU64;

use clap::Args;
use counterfoil_app::AppError;
use counterfoil_simulator::faults::{Fault, Faults};
use counterfoil_simulator::{Case, Control, MAX_REGISTERS, Outcome, many, run, shrink};
use serde_json::{Map, Value, json};

use super::Context;
use crate::{Done, output};

/// Failures of one call at most, unless it is to go on: each is made smaller, which takes many runs.
const MAX_FAILURES: usize = 10;

/// What is simulated.
#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// Where all chance comes from.
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,
    /// This many seeds, from --seed on, on all cores.
    #[arg(long, default_value = "1", value_name = "N")]
    seeds: NonZeroU64,
    /// How many registers, 1 to 64; drawn from the seed when left out.
    #[arg(long, value_name = "N")]
    registers: Option<u64>,
    /// How many sales over all registers; drawn from the seed when left out.
    #[arg(long, value_name = "N")]
    sales: Option<u64>,
    /// What may go wrong: all, none, or names with commas, each with =RATE in a thousand if wanted.
    #[arg(long, value_name = "FAULTS")]
    faults: Option<String>,
    /// Sales to leave out, by their number from 0, with commas.
    #[arg(long, value_delimiter = ',', value_name = "NUMBERS")]
    without: Vec<u64>,
    /// Make something wrong on purpose, which must be caught: founding-design, synced-early, blind-digest,
    /// never-released, fails-on-passing, deaf-original, hidden-doubles, hidden-sale, hidden-late, never-asked, never-told,
    /// wide-window.
    #[arg(long, value_name = "NAME")]
    control: Option<String>,
    /// Print everything that happens; with one seed.
    #[arg(long)]
    trace: bool,
    /// Do not look for a smaller case where a rule is broken.
    #[arg(long)]
    no_shrink: bool,
    /// Run every seed, however many break a rule.
    #[arg(long)]
    keep_going: bool,
}

impl Simulate {
    /// The case of a seed, and what is wrong with the call.
    fn case(&self, seed: u64) -> Result<Case, AppError> {
        let mut case = Case::of(seed);
        if let Some(registers) = self.registers {
            let registers = usize::try_from(registers).unwrap_or(usize::MAX);
            if !(1..=MAX_REGISTERS).contains(&registers) {
                return Err(AppError::invalid(format!(
                    "there are 1 to {MAX_REGISTERS} registers"
                )));
            }
            case.registers = registers;
        }
        if let Some(sales) = self.sales {
            case.sales = sales;
        }
        if let Some(faults) = &self.faults {
            let read = faults.parse::<Faults>();
            case.faults = read.map_err(|error| AppError::invalid(error.to_string()))?;
        }
        case.without = self.without.iter().copied().collect();
        if let Some(name) = &self.control {
            let control = Control::named(name);
            let control = control
                .ok_or_else(|| AppError::invalid(format!("“{name}” is no control; see --help")))?;
            case.control = Some(control);
        }
        Ok(case)
    }
}

pub(super) fn simulate(context: &Context<'_>, simulate: &Simulate) -> Result<Done, AppError> {
    let first = simulate.case(simulate.seed)?;
    if simulate.seeds.get() == 1 {
        return Ok(one(context, simulate, &first));
    }
    let seeds = simulate.seed..simulate.seed.saturating_add(simulate.seeds.get());
    let most = if simulate.keep_going {
        usize::MAX
    } else {
        MAX_FAILURES
    };
    let summary = many::run_many(seeds, many::cores(), most, |seed| {
        // The call is the same for each seed, and was understood for the first.
        simulate.case(seed).unwrap_or_else(|_| Case::of(seed))
    });
    let failed: Vec<Value> = summary
        .failed
        .iter()
        .zip(1..)
        .map(|((case, broken), nth)| failure(simulate, case, broken, nth))
        .collect();
    let document = json!({
        "runs": summary.runs, "sales": summary.sales, "virtualMs": summary.virtual_ms,
        "realMs": summary.real_ms, "seedsAMinute": summary.a_minute(),
        "faults": faults(&summary.tally.faults), "answers": summary.tally.codes,
        "states": summary.tally.states, "failed": failed,
    });
    print(context, &document);
    Ok(done(summary.failed.is_empty()))
}

fn one(context: &Context<'_>, simulate: &Simulate, case: &Case) -> Done {
    let Outcome {
        broken,
        tally,
        trace_hash,
        trace,
        sales,
        documents,
        virtual_ms,
    } = run(case, simulate.trace);
    for line in &trace {
        output::note(line);
    }
    let failed = if broken.is_empty() {
        Vec::new()
    } else {
        vec![failure(simulate, case, &broken, 1)]
    };
    let document = json!({
        "runs": 1, "sales": sales, "documents": documents, "virtualMs": virtual_ms,
        "trace": format!("{trace_hash:016x}"),
        "faults": faults(&tally.faults), "answers": tally.codes, "states": tally.states,
        "failed": failed,
    });
    print(context, &document);
    done(broken.is_empty())
}

fn done(well: bool) -> Done {
    if well { Done::Well } else { Done::Failed }
}

/// What is told about a case that failed, the `nth` of this call: the first ones are made smaller.
fn failure(simulate: &Simulate, case: &Case, broken: &[(u8, String)], nth: usize) -> Value {
    let said: Vec<Value> = broken
        .iter()
        .map(|(rule, what)| json!({"rule": rule, "what": what}))
        .collect();
    let mut failure = json!({"replay": case.to_string(), "broken": said});
    if !simulate.no_shrink && case.control.is_none() && nth <= MAX_FAILURES {
        failure["smaller"] = json!(shrink(case).to_string());
    }
    failure
}

fn faults(counted: &std::collections::BTreeMap<Fault, u64>) -> Value {
    let named = counted
        .iter()
        .map(|(fault, n)| (fault.name().to_owned(), json!(n)));
    Value::Object(named.collect::<Map<_, _>>())
}

fn print(context: &Context<'_>, document: &Value) {
    if context.json {
        output::line(&document.to_string());
        return;
    }
    let count = |name: &str| document[name].as_u64().unwrap_or_default();
    output::line(&format!(
        "{} run(s), {} sale(s), {} s of virtual time",
        count("runs"),
        count("sales"),
        count("virtualMs") / 1_000
    ));
    if document["seedsAMinute"].is_number() {
        output::line(&format!("{} seeds a minute", count("seedsAMinute")));
    }
    for (fault, n) in document["faults"].as_object().into_iter().flatten() {
        output::line(&format!("  {fault}: {n}"));
    }
    for failed in document["failed"].as_array().into_iter().flatten() {
        for broken in failed["broken"].as_array().into_iter().flatten() {
            output::line(&format!(
                "rule {}: {}",
                broken["rule"],
                output::cell(&broken["what"])
            ));
        }
        output::line(&output::cell(&failed["replay"]));
        if let Some(smaller) = failed["smaller"].as_str() {
            output::line(&format!("smaller: {smaller}"));
        }
    }
    if document["failed"].as_array().is_some_and(Vec::is_empty) {
        output::line("Every rule held.");
    }
}
