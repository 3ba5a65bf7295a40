//! Every standing against everything that can stand in the cloud.

use counterfoil_domain::Timestamp;
use counterfoil_domain::sale::seal;
use serde_json::json;

use super::*;
use crate::remote::{Collection, DocumentName};

const REGISTER: &str = "00000000-0000-0000-0000-000000004e61";
const SALE: &str = "00005a1e-0000-4000-8000-000000000001";
const STANDINGS: [Standing; 6] = [
    Standing::There,
    Standing::Waiting,
    Standing::Open,
    Standing::Dismissed,
    Standing::Decided,
    Standing::Elsewhere,
];

fn signed(total: i64) -> Fields {
    let fields = json!({
        "schema": 1, "saleId": SALE, "registerId": REGISTER, "receiptNumber": "A-000001",
        "receiptSequence": 1, "businessDay": "2026-11-22", "soldAt": "2026-11-22T14:02:13.000Z",
        "lines": [{"sku": "a", "quantity": "1", "unitPrice": total, "discount": 0}],
        "tenders": [{"method": "cash", "amount": total}], "total": total,
    });
    let fields = fields.as_object().cloned().expect("an object");
    let register = REGISTER.parse().expect("an id");
    seal(fields, None, register).expect("a sale").fields
}

fn found(fields: Result<Fields, String>) -> Found {
    let name = DocumentName {
        collection: Collection::Sales,
        id: SALE.to_owned(),
    };
    Found {
        name,
        fields,
        created_at: Timestamp::from_ms(0),
    }
}

fn expected(standing: Standing) -> Expected {
    let fields = signed(100);
    let link = fields["journal"]["hash"].as_str().expect("a hash");
    Expected {
        sale_id: SALE.parse().expect("an id"),
        receipt_number: "A-000001".to_owned(),
        total: 100,
        digest: Digest::of_sale(&fields).ok(),
        link: link.parse().ok(),
        standing,
    }
}

/// What somebody made of the document.
fn changed(name: &str, value: Value) -> Found {
    let mut fields = signed(100);
    fields.insert(name.to_owned(), value);
    found(Ok(fields))
}

#[test]
fn what_was_signed_is_the_same_and_late_where_it_is_taken_for_absent() {
    for standing in STANDINGS {
        let mut there = changed("storeId", json!("corner"));
        if let Ok(fields) = &mut there.fields {
            fields.insert("createdAt".to_owned(), json!("2026-11-22T14:02:14.000Z"));
        }
        let verdict = match standing {
            Standing::There | Standing::Waiting | Standing::Elsewhere => Verdict::Same,
            Standing::Open | Standing::Dismissed | Standing::Decided => Verdict::Late,
        };
        assert_eq!(compare(&expected(standing), &there), verdict);
    }
}

#[test]
fn whatever_is_changed_in_a_document_differs() {
    let expected = expected(Standing::There);
    for (name, value) in [
        ("total", json!(99)),
        ("cashierName", json!("Mallory")),
        ("businessDay", json!("2026-11-23")),
        ("digest", json!("0".repeat(64))),
        ("fingerprint", json!("0".repeat(64))),
        ("journal", json!({})),
    ] {
        let verdict = compare(&expected, &changed(name, value));
        assert!(
            matches!(verdict, Verdict::Differs { .. }),
            "{name}: {verdict:?}"
        );
    }
}

#[test]
fn a_link_that_was_sealed_anew_differs() {
    let register = REGISTER.parse().expect("an id");
    let fields = signed(100);
    let previous = Some((7, Digest::ZERO));
    let another = seal(fields, previous, register).expect("a sale").fields;
    let verdict = compare(&expected(Standing::There), &found(Ok(another)));
    assert!(matches!(verdict, Verdict::Differs { .. }), "{verdict:?}");
}

#[test]
fn a_case_that_is_known_explains_whatever_is_there() {
    let other = found(Ok(signed(99)));
    let broken = found(Err("total is a double".to_owned()));
    for standing in STANDINGS {
        let known = !matches!(standing, Standing::There | Standing::Elsewhere);
        for there in [&other, &broken] {
            let verdict = compare(&expected(standing), there);
            assert_eq!(
                verdict == Verdict::Known,
                known,
                "{standing:?}: {verdict:?}"
            );
        }
    }
}

#[test]
fn what_cannot_be_read_or_is_newer_is_told_as_such() {
    let expected = expected(Standing::There);
    let reason = "total is a double".to_owned();
    let broken = found(Err(reason.clone()));
    assert_eq!(compare(&expected, &broken), Verdict::Unreadable { reason });
    let verdict = compare(&expected, &changed("schema", json!(2)));
    assert_eq!(verdict, Verdict::NewerSchema { schema: 2 });
    let verdict = compare(&expected, &changed("total", json!(1.5)));
    assert!(matches!(verdict, Verdict::Unreadable { .. }), "{verdict:?}");
}

#[test]
fn without_own_books_a_document_is_measured_by_its_own_seal() {
    let lost = Expected {
        digest: None,
        link: None,
        ..expected(Standing::There)
    };
    assert_eq!(compare(&lost, &found(Ok(signed(99)))), Verdict::Same);
    let verdict = compare(&lost, &changed("total", json!(99)));
    assert!(matches!(verdict, Verdict::Differs { .. }), "{verdict:?}");
    // It may be the sale that came first: nothing says that it is this one, and late.
    for standing in [Standing::Open, Standing::Dismissed, Standing::Decided] {
        let lost = Expected {
            standing,
            ..lost.clone()
        };
        assert_eq!(compare(&lost, &found(Ok(signed(99)))), Verdict::Known);
        // What was signed is told by the digest alone.
        let unlinked = Expected {
            link: None,
            ..expected(standing)
        };
        assert_eq!(compare(&unlinked, &found(Ok(signed(100)))), Verdict::Late);
    }
}

#[test]
fn only_what_must_be_there_is_added_up() {
    let book = STANDINGS.iter().zip(1_u128..).map(|(standing, n)| {
        let id = SaleId::new(n_as_id(n));
        (id, expected(*standing))
    });
    let totals = expected_totals(&book.collect());
    assert_eq!((totals.count, totals.sum), (1, Some(100)));
}

fn n_as_id(n: u128) -> uuid::Uuid {
    uuid::Uuid::from_u128(n)
}

#[test]
fn fields_that_follow_from_others_are_not_named_with_them() {
    let (one, other) = (signed(100), signed(99));
    assert_eq!(
        differing_fields(&one, &other),
        ["lines", "tenders", "total"]
    );
    let sealed = changed("digest", json!("0".repeat(64)));
    assert_eq!(
        differing_fields(&one, &sealed.fields.expect("fields")),
        ["digest"]
    );
    assert!(differing_fields(&one, &one).is_empty());
}
