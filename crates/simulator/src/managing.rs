//! The managers: look at the failure list and decide, now and then twice.

use counterfoil_app::dto::{ChoiceKind, MoneyAnswer, ResolveInput, Restock};
use counterfoil_app::{AppError, Decision, ErrorCode};

use crate::cloud::short;
use crate::desk::Desk;
use crate::faults::Fault;
use crate::identities::Standing;
use crate::logs;
use crate::selling::receipt_of;

impl Desk {
    /// A manager looks at the list and decides about one item, if there is one. Answers whether.
    pub(crate) fn decide(&mut self) -> bool {
        logs::mute(false);
        let Some(input) = self.choose() else {
            return false;
        };
        let steps = self.managers.between(1, 9_000);
        let at_risk = self.managers.happens(self.world.rate(Fault::CrashWrite));
        let twice = self.managers.happens(self.world.rate(Fault::DecideTwice));
        let Some(open) = self.open.as_ref() else {
            return false;
        };
        if at_risk {
            open.life.end_after_steps(steps);
        }
        let decided = open.till.decide(input.clone());
        if at_risk {
            open.life.end_after_steps(0);
        }
        if open.life.is_over() {
            return true;
        }
        self.note(decided);
        if twice && let Some(open) = &self.open {
            let again = open.till.decide(input);
            self.world.occurred(Fault::DecideTwice);
            self.note(again);
        }
        true
    }

    /// What a manager answers about an item that is drawn from the first page.
    fn choose(&mut self) -> Option<ResolveInput> {
        let open = self.open.as_ref().filter(|open| !open.life.is_over())?;
        let page = open.till.failed_page(1).ok()?;
        let item = self.managers.pick(&page.items)?;
        let detail = open.till.failed_detail(&item.sale_id).ok()?;
        let available: Vec<ChoiceKind> = detail
            .choices
            .iter()
            .filter(|choice| choice.available)
            .map(|choice| choice.choice)
            .collect();
        let choice = *self.managers.pick(&available)?;
        let restocks = [Restock::Shelf, Restock::WriteOff, Restock::None];
        let given_back = self.managers.happens(500);
        Some(ResolveInput {
            sale_id: item.sale_id.clone(),
            choice,
            reason: "looked at the drawer".to_owned(),
            by: "Mara".to_owned(),
            money: Some(if given_back {
                MoneyAnswer::GivenBack
            } else {
                MoneyAnswer::NeverTaken
            }),
            card_reference: Some("refund 7".to_owned()),
            restock: self.managers.pick(&restocks).copied(),
            restock_lines: Vec::new(),
        })
    }

    fn note(&mut self, decided: Result<Decision, AppError>) {
        let name = short(self.register);
        match decided {
            Ok(decision) => {
                let (choice, sale) = (decision.choice, decision.sale_id);
                self.world
                    .log(|| format!("{name} decides {choice:?} about {sale}"));
                if let Some(reversal) = &decision.reversal {
                    self.receipts.push(receipt_of(reversal));
                }
            }
            Err(error) => match error.code {
                ErrorCode::DiskFull => self.world.occurred(Fault::DiskFull),
                ErrorCode::AlreadyResolved | ErrorCode::ChoiceNotAvailable => {}
                ErrorCode::IdentityNeeded if self.standing == Standing::Copy => {}
                code => {
                    let what = format!("{name}: a decision failed: {code:?} {error}");
                    self.world.broken(2, what);
                }
            },
        }
    }
}
