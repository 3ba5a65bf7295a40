//! The managers: look at the failure list and decide, now and then twice.

use counterfoil_app::dto::{ChoiceKind, MoneyAnswer, ResolveInput, Restock};
use counterfoil_app::{AppError, Decision, ErrorCode};

use crate::books;
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
        if let Some(before) = &detail.decided_before {
            self.world.met(choice, before.choice);
        }
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

    /// A manager decides about every open item that was decided elsewhere before, as far as that leaves a choice.
    /// Answers about how many.
    pub(crate) fn decide_again(&mut self) -> usize {
        const ORDER: [ChoiceKind; 4] = [
            ChoiceKind::KeepCloud,
            ChoiceKind::RecordSeparately,
            ChoiceKind::Dismiss,
            ChoiceKind::Retry,
        ];
        let items = self.books(books::decided_elsewhere).unwrap_or_default();
        for sale_id in &items {
            let Some(open) = &self.open else { break };
            let Ok(detail) = open.till.failed_detail(sale_id) else {
                continue;
            };
            let offered = |choice: &&ChoiceKind| {
                let mut offered = detail.choices.iter().filter(|one| one.available);
                offered.any(|one| one.choice == **choice)
            };
            let Some(choice) = ORDER.iter().find(offered).copied() else {
                let what = format!("nothing can be decided about {sale_id}");
                self.world.broken(2, what);
                continue;
            };
            if let Some(before) = &detail.decided_before {
                self.world.met(choice, before.choice);
            }
            let decided = open.till.decide(ResolveInput {
                sale_id: sale_id.clone(),
                choice,
                reason: "looked at it again".to_owned(),
                by: "Mara".to_owned(),
                money: Some(MoneyAnswer::NeverTaken),
                card_reference: None,
                restock: Some(Restock::None),
                restock_lines: Vec::new(),
            });
            self.note(decided);
        }
        items.len()
    }

    /// Nothing that was decided elsewhere is in the way of an item for ever.
    pub(crate) fn check_decided(&self) {
        for sale in self.books(books::decided_elsewhere).unwrap_or_default() {
            let what = format!("{sale} was decided elsewhere and cannot be closed any more");
            self.world.broken(2, what);
        }
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
