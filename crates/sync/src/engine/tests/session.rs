//! The sales or the session? What a refusal without a culprit means.

use super::*;

#[test]
fn neither_reading_nor_writing_allowed_is_the_session() {
    let (mut desk, batch) = Desk::new(vec![sale(1), sale(2)]);
    desk.committed(batch, Code::PermissionDenied);
    let result = Err(error(Code::PermissionDenied));
    all_retry(&desk.step(Event::Read { batch, result }), 2);
    assert_eq!(desk.engine.condition(), Condition::NotAllowed);
}

#[test]
fn five_sales_in_a_row_refused_and_none_accepted_is_the_session() {
    let (mut desk, batch) = Desk::new((1..=6).map(sale).collect());
    let mut waiting = vec![(batch, 6)];
    let mut pending = Vec::new();
    while let Some((batch, documents)) = waiting.pop() {
        let actions = desk.refused(batch, documents, Code::PermissionDenied);
        for outcome in outcomes(&actions) {
            match outcome {
                Outcome::Retry { group, .. } => pending.push(group.0),
                other => panic!("all stay pending: {other:?}"),
            }
        }
        for action in actions {
            if let Action::Commit { batch, creates } = action {
                waiting.push((batch, creates.len()));
            }
        }
    }
    pending.sort_unstable();
    assert_eq!(pending, [1, 2, 3, 4, 5, 6]);
    assert_eq!(desk.engine.condition(), Condition::NotAllowed);
    assert!(
        desk.engine.next_attempt().is_some(),
        "tried again with backoff"
    );
}

/// A sale alone is refused and the outbox is empty: the claim is repeated.
pub(super) fn refused_alone() -> Desk {
    let (mut desk, batch) = Desk::new(vec![sale(1)]);
    let actions = desk.refused(batch, 1, Code::PermissionDenied);
    assert_eq!(actions, [Action::ReadRegister]);
    desk
}

pub(super) fn ours() -> Result<Option<RegisterDocument>, RemoteError> {
    Ok(Some(register_document(Some("here"), HIGHEST)))
}

#[test]
fn a_sale_refused_alone_stays_pending_if_the_claim_is_refused_too() {
    for read_only in [true, false] {
        let mut desk = refused_alone();
        let denied = error(Code::PermissionDenied);
        let actions = if read_only {
            desk.register_read(ours());
            desk.register_claimed(Err(denied))
        } else {
            desk.register_read(Err(denied))
        };
        all_retry(&actions, 1);
        assert_eq!(desk.engine.condition(), Condition::NotAllowed);
        assert!(
            desk.engine.next_attempt().is_some(),
            "tried again by itself"
        );
    }
}

#[test]
fn a_sale_refused_alone_stays_pending_while_nobody_answers() {
    let mut desk = refused_alone();
    desk.register_read(ours());
    all_retry(&desk.register_claimed(Err(error(Code::Unavailable))), 1);
    assert_eq!(desk.engine.condition(), Condition::Offline);
}

#[test]
fn a_sale_refused_alone_stays_pending_if_the_register_is_somebody_elses_by_now() {
    let mut desk = refused_alone();
    all_retry(
        &desk.register_read(Ok(Some(register_document(Some("there"), HIGHEST)))),
        1,
    );
    assert_eq!(desk.engine.condition(), Condition::IdentityNeeded);
}

#[test]
fn a_token_that_is_refused_is_renewed_once_and_then_a_person_is_asked() {
    let (mut desk, batch) = Desk::new(vec![sale(1)]);
    let actions = desk.committed(batch, Code::Unauthenticated);
    let again = sent(&actions);
    assert_eq!(
        (actions.first(), again.len()),
        (Some(&Action::Reconnect), 1)
    );
    all_retry(&desk.committed(again[0], Code::Unauthenticated), 1);
    assert_eq!(desk.engine.condition(), Condition::SignInNeeded);
    assert!(
        desk.engine.next_attempt().is_some(),
        "it recovers by itself when the cause is gone"
    );
}
