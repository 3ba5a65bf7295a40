//! What is decided about a sale that lost, and what no register may make of another one's.

use std::sync::Arc;

use counterfoil_sync::Create;
use serde_json::json;

use super::{Script, named, with};

impl Script {
    pub(super) async fn decisions(&mut self) {
        let (conflict, decision) = (self.of_a.conflict.clone(), self.of_a.decision.clone());
        self.commit("a copy before its losing version", &decision[1..2])
            .await;
        self.commit("a losing version", &conflict).await;
        self.commit("the losing version again", &conflict).await;
        self.commit("a decision with its copy", &decision).await;
        self.commit("the decision again", &decision).await;
        let all: Vec<&Create> = conflict.iter().chain(&decision).collect();
        self.there("a losing version and its decision", &all).await;
        let mut second = decision[0].clone();
        second.name.id = second.name.id.replace("_1", "_2");
        self.commit("a decision under another number than its own", &[second])
            .await;
        let foreign = self.of_b.conflict.clone();
        self.commit("another register's losing version", &foreign)
            .await;
        let own = Arc::clone(&self.b).commit(&foreign).await;
        self.wrote("the other register's own", own);
    }

    /// What a register might make of another one's sales, and what it makes of its own.
    pub(super) async fn forgeries(&mut self) {
        let register = json!(self.of_b.register);
        let mut copy = self.of_a.decision[1].clone();
        Arc::make_mut(&mut copy.fields).insert("registerId".to_owned(), register);
        let mut decision = self.of_a.decision[0].clone();
        decision.name.id.pop();
        decision.name.id.push('2');
        let fields = Arc::make_mut(&mut decision.fields);
        fields.insert("registerId".to_owned(), json!(self.of_b.register));
        fields.insert("n".to_owned(), json!(2));
        let plain = self.of_b.sales[2].clone();
        let own = named(&plain, 4_000);
        let reversal = |n, of: &str| {
            let plain = named(&plain, n);
            with(&plain, &plain.name.id, "cancels", json!(of))
        };
        let asked = [
            (
                "another's losing version copied as one's own",
                vec![named(&copy, 4_001)],
            ),
            ("another's item decided in one's own name", vec![decision]),
            (
                "another's sale reversed",
                vec![reversal(4_002, &self.four()[0].name.id)],
            ),
            (
                "a sale reversed that is nowhere",
                vec![reversal(4_003, &named(&plain, 4_004).name.id)],
            ),
            (
                "one's own sale and its reversal",
                vec![own.clone(), reversal(4_005, &own.name.id)],
            ),
        ];
        for (what, creates) in asked {
            let answer = Arc::clone(&self.b).commit(&creates).await;
            self.wrote(what, answer);
        }
    }
}
