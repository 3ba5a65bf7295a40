//! Runs the cases side by side and says what became of each, as cargo's own runner does.

use std::future::Future;
use std::io::Write as _;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::documents::{Request, Store};
use crate::world::{Answer, Who, World};

/// As many at once as keep a small machine busy.
const AT_ONCE: usize = 8;

type Act = Box<dyn Fn(&Store) -> Request + Send + Sync>;
type Outcome = Result<(), String>;
type Body =
    Box<dyn FnOnce(Arc<World>) -> Pin<Box<dyn Future<Output = Outcome> + Send>> + Send + Sync>;

/// Something that is tried, and its name.
pub(crate) struct Case {
    pub(crate) name: String,
    body: Body,
}

impl Case {
    /// One that takes more than a line.
    pub(crate) fn told<F>(
        name: &str,
        body: impl FnOnce(Arc<World>) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        Self {
            name: name.to_owned(),
            body: Box::new(|world| Box::pin(body(world))),
        }
    }
}

/// A line of the table.
pub(crate) struct Line {
    who: Who,
    may: bool,
    what: String,
    given: Vec<Act>,
    act: Act,
}

/// `who` is allowed to do this.
pub(crate) fn may<R: Into<Request>>(
    who: Who,
    what: impl Into<String>,
    act: impl Fn(&Store) -> R + Send + Sync + 'static,
) -> Line {
    Line {
        who,
        may: true,
        what: what.into(),
        given: Vec::new(),
        act: Box::new(move |store| act(store).into()),
    }
}

/// `who` is denied it.
pub(crate) fn may_not<R: Into<Request>>(
    who: Who,
    what: impl Into<String>,
    act: impl Fn(&Store) -> R + Send + Sync + 'static,
) -> Line {
    Line {
        may: false,
        ..may(who, what, act)
    }
}

impl Line {
    /// What is there before, past all rules.
    pub(crate) fn given<R: Into<Request>>(
        mut self,
        act: impl Fn(&Store) -> R + Send + Sync + 'static,
    ) -> Self {
        self.given.push(Box::new(move |store| act(store).into()));
        self
    }
}

impl From<Line> for Case {
    fn from(line: Line) -> Self {
        let word = if line.may { "may" } else { "may not" };
        let name = format!("{} {word} {}", line.who.name(), line.what);
        Self::told(&name, move |world| async move {
            let store = Store::new(&world).await;
            for given in &line.given {
                let answer = world.ask(Who::Everything, given(&store)).await;
                if answer != Answer::Allowed {
                    return Err(format!("what was to be there before: {answer:?}"));
                }
            }
            let answer = world.ask(line.who, (line.act)(&store)).await;
            match (line.may, answer) {
                (true, Answer::Allowed) | (false, Answer::Denied) => Ok(()),
                (_, answer) => Err(format!("{answer:?}")),
            }
        })
    }
}

/// All lines of a table as cases.
pub(crate) fn cases(lines: impl IntoIterator<Item = Line>) -> Vec<Case> {
    lines.into_iter().map(Case::from).collect()
}

/// Runs those cases whose names hold what is asked for on the command line; all where nothing is.
pub(crate) fn run(cases: Vec<Case>) -> ExitCode {
    let options: Vec<String> = std::env::args().skip(1).collect();
    let wanted: Vec<&String> = options.iter().filter(|o| !o.starts_with("--")).collect();
    let total = cases.len();
    let chosen: Vec<Case> = cases
        .into_iter()
        .filter(|case| wanted.is_empty() || wanted.iter().any(|word| case.name.contains(*word)))
        .collect();
    if options.iter().any(|option| option == "--list") {
        for case in &chosen {
            say(&format!("{}: test", case.name));
        }
        return ExitCode::SUCCESS;
    }
    say(&format!("\nrunning {} tests", chosen.len()));
    let left_out = total - chosen.len();
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let (passed, failures) = runtime.block_on(all(chosen));
    if !failures.is_empty() {
        say(&format!("\nfailures:\n{failures}"));
    }
    let failed = failures.lines().count();
    let word = if failed == 0 { "ok" } else { "FAILED" };
    say(&format!(
        "\ntest result: {word}. {passed} passed; {failed} failed; 0 ignored; 0 measured; {left_out} filtered out"
    ));
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// How many passed, and a line for each that did not.
async fn all(cases: Vec<Case>) -> (usize, String) {
    let world = match World::start().await {
        Ok(world) => Arc::new(world),
        Err(missing) => {
            let missing = missing.replace('\n', " ");
            return (0, format!("    nothing could be tried: {missing}\n"));
        }
    };
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    for case in cases {
        let (world, turns) = (Arc::clone(&world), Arc::clone(&turns));
        running.spawn(async move {
            let _turn = turns.acquire_owned().await;
            // A panic is this case's own, and has a name.
            let outcome = tokio::spawn((case.body)(world)).await;
            let outcome = outcome.unwrap_or_else(|panic| Err(panic.to_string()));
            (case.name, outcome)
        });
    }
    let (mut passed, mut failures) = (0, String::new());
    while let Some(done) = running.join_next().await {
        let (name, outcome) = done.expect("a case's panic was caught");
        match outcome {
            Ok(()) => {
                passed += 1;
                say(&format!("test {name} ... ok"));
            }
            Err(why) => {
                say(&format!("test {name} ... FAILED"));
                failures += &format!("    {name}: {}\n", why.replace('\n', " "));
            }
        }
    }
    (passed, failures)
}

/// Prints a line. Where nobody reads it any more, the outcome still counts.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
