//! The record's vectors, `tests/vectors/record.json`: made and checked here, and recomputed by an
//! implementation of its own in `tests/vectors/verify.mjs`.
//!
//! With `COUNTERFOIL_WRITE_VECTORS` set, the file is written anew instead of compared.

#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::{at, card, cart, cash, included, line, register, taxed};
use counterfoil_domain::canonical::canonical;
use counterfoil_domain::canonical::canonical_object;
use counterfoil_domain::cart::{CartDiscount, TaxExempt};
use counterfoil_domain::document::{DocumentError, Fields};
use counterfoil_domain::journal::{Link, LinkKind};
use counterfoil_domain::pricing::{CashRounding, PricingRules, Tie};
use counterfoil_domain::reversal::{copy_id, copy_of, is_copy_of, reversal_cart_id, reversal_id};
use counterfoil_domain::sale::{Mismatch, SealedSale, seal, verify};
use counterfoil_domain::{
    Amount, CartId, CartLine, Digest, Discount, ProductId, ReceiptNumber, ReceiptPrefix, SaleId,
    SaleRecord, Unit,
};
use serde_json::{Value, json};
use uuid::Uuid;

const FILE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/vectors/record.json"
);

fn product(sku: &str, name: &str, line: CartLine) -> CartLine {
    let (sku, name) = (sku.to_owned(), name.to_owned());
    CartLine {
        product_id: ProductId::of_sku(&sku),
        sku,
        name,
        ..line
    }
}

fn numbered(mut record: SaleRecord, sequence: i64, sold_at: &str) -> SaleRecord {
    record.sale_id = SaleId::new(Uuid::from_u128(
        0x5a1e_0000_4000_8000_0000_0000_0000 + u128::from(sequence.unsigned_abs()),
    ));
    record.cart_id = CartId::new(Uuid::from_u128(
        0xca27_0000_4000_8000_0000_0000_0000 + u128::from(sequence.unsigned_abs()),
    ));
    record.receipt_sequence = sequence;
    record.receipt_number = ReceiptNumber::new(&ReceiptPrefix::new("A").unwrap(), sequence);
    record.sold_at = at(sold_at);
    record
}

/// A café's sale: names in both normal forms, weighed goods, both kinds of discount, rounded cash.
fn cafe() -> SaleRecord {
    let mut nfd = product(
        "cafe-cre\u{300}me",
        "Cafe\u{301} cre\u{300}me",
        line("2", 280, "20"),
    );
    nfd.note = Some("sans sucre, \u{201e}hei\u{df}\u{201c}\n\u{1f600}".to_owned());
    nfd.discount = Some(Discount::Percent("10".parse().unwrap()));
    nfd.unit_cost = Some(Amount::new(61).unwrap());
    let nfc = product(
        "caf\u{e9}-grain",
        "Caf\u{e9} en grains",
        line("0.734", 2490, "5"),
    );
    let weighed = CartLine {
        unit: Unit::Kilogram,
        unit_cost: Some(Amount::ZERO),
        ..nfc
    };
    let mut goods = cart([nfd, weighed]);
    goods.discount = Some(CartDiscount {
        discount: Discount::Amount(Amount::new(100).unwrap()),
        reason: Some("re\u{301}gulier".to_owned()),
    });
    let increment = Amount::new(5).unwrap();
    let rules = PricingRules {
        cash_rounding: Some(CashRounding {
            increment,
            tie: Tie::Up,
        }),
        ..included()
    };
    let mut record = common::sale(&goods, &[card(1000), cash(2000)], &rules);
    record.cashier_name = "Zoe\u{308}".to_owned();
    record.tenders[0].last4 = Some("4242".to_owned());
    numbered(record, 1, "2026-11-22T14:02:13.000Z")
}

/// Two taxes a line, an exemption, and skus that sort otherwise by code point than by UTF-16.
fn exempt() -> SaleRecord {
    let taxes = [("GST", "5"), ("QST", "9.975")];
    let mut goods = cart([
        product("\u{1f600}", "Emoji", taxed("1", 100, &taxes)),
        product("\u{ff5e}", "Wave", taxed("1", 100, &taxes)),
    ]);
    goods.tax_exempt = Some(TaxExempt {
        reason: "embassy".to_owned(),
        certificate: Some("X-1".to_owned()),
    });
    let record = common::sale(&goods, &[card(250)], &included());
    assert!(!record.tip.is_zero(), "the vector has a tip");
    numbered(record, 2, "2026-11-22T14:02:13.999Z")
}

/// Seals `record` with fields of a later version: `extra`.
fn sealed(record: &SaleRecord, extra: Value, before: Option<&SealedSale>) -> (Value, SealedSale) {
    // What a program would give: the texts as they were typed.
    let mut given = match serde_json::to_value(record).unwrap() {
        Value::Object(fields) => fields,
        _ => unreachable!(),
    };
    given.extend(extra.as_object().unwrap().clone());
    let previous = before.map(|sale| (sale.link.sequence, sale.link.hash));
    let sale = seal(given.clone(), previous, register()).unwrap();
    assert_eq!(
        sale.canonical(),
        canonical_object(&sale.fields, &[]).unwrap()
    );
    let previous = previous.map_or(
        Value::Null,
        |(sequence, hash)| json!({ "sequence": sequence, "hash": hash }),
    );
    (
        json!({ "given": given, "previous": previous, "sealed": sale.fields }),
        sale,
    )
}

/// A document as it might be read, what must be computed from it, and what is to be said of it.
fn read(name: &str, document: &Fields, verdict: &str) -> Value {
    let found = match verify(document) {
        Ok(()) => "valid",
        Err(Mismatch::Document(_)) => "document",
        Err(Mismatch::Digest { .. }) => "digest",
        Err(Mismatch::Fingerprint { .. }) => "fingerprint",
        Err(Mismatch::Copy { .. }) => "copy",
        Err(Mismatch::Journal { .. }) => "journal",
    };
    assert_eq!(found, verdict, "{name}");
    json!({
        "name": name, "document": document, "verdict": verdict,
        "digest": Digest::of_sale(document).unwrap(),
        "fingerprint": Digest::fingerprint_of_sale(document).unwrap(),
        "whole": Digest::of(&Value::Object(document.clone())).unwrap(),
    })
}

fn changed(document: &Fields, name: &str, value: Value) -> Fields {
    let mut changed = document.clone();
    changed.insert(name.to_owned(), value);
    changed
}

fn vectors() -> Value {
    let (first, cafe) = sealed(&cafe(), json!({}), None);
    let later = json!({ "loyalty": { "\u{ff5e}": 1, "\u{1f600}": 2, "a": [true, "e\u{301}"] } });
    let (second, exempt) = sealed(&exempt(), later, Some(&cafe));
    let copy = copy_of(&cafe.fields).unwrap();
    let record = SaleRecord::from_fields(&cafe.fields).unwrap();
    let mut reversal = common::reversal(&record);
    assert_eq!(reversal.cancels.unwrap().to_string(), copy["saleId"]);
    reversal.receipt_sequence = 3;
    reversal.receipt_number = ReceiptNumber::new(&ReceiptPrefix::new("A").unwrap(), 3);
    let (third, reversal) = sealed(&reversal, json!({}), Some(&exempt));
    let named = |name: &str, mut vector: Value| {
        vector["name"] = name.into();
        vector
    };

    let mut in_the_cloud = exempt.fields.clone();
    in_the_cloud.insert("storeId".to_owned(), "corner".into());
    in_the_cloud.insert("createdAt".to_owned(), "2026-11-22T14:02:14.123Z".into());
    let seen = changed(&in_the_cloud, "syncState", "synced".into());
    let mut cheaper = cafe.fields.clone();
    cheaper["lines"][0]["total"] = json!(1);
    let mut relinked = cafe.fields.clone();
    relinked["journal"]["previousHash"] = "1".repeat(64).into();
    let unknown = changed(&cafe.fields, "later", "x".into());
    let mut decomposed = cafe.fields.clone();
    decomposed["lines"][0]["name"] = "Cafe\u{301} cr\u{e8}me".into();
    let mut reordered = cafe.fields.clone();
    reordered["lines"].as_array_mut().unwrap().reverse();
    let mut false_copy = changed(&copy, "cashierName", "Somebody".into());
    let own = Digest::of_sale(&false_copy).unwrap();
    false_copy.insert("digest".to_owned(), own.to_string().into());

    let resolution = json!({ "choice": "keepCloud", "saleId": record.sale_id, "by": "Lee" });
    let link = Link::after(
        Some((reversal.link.sequence, reversal.link.hash)),
        register(),
        LinkKind::Resolution,
        at("2026-11-22T15:00:00.001Z"),
        Digest::of(&resolution).unwrap(),
    )
    .unwrap();
    let trap = json!({
        "\u{ff5e}": "tilde", "\u{1f600}": "smile", "\u{e9}": -1, "A": [], "a": {}, "": true,
        "text": "\u{8}\t\n\u{c}\r\u{1f}\u{7f}\"\\/\u{2028}", "large": 9_007_199_254_740_991_i64,
    });
    let id = |sale: &SealedSale| {
        let sale_id: SaleId = sale.fields["saleId"].as_str().unwrap().parse().unwrap();
        let copy = copy_id(sale_id, sale.digest);
        json!({
            "saleId": sale_id, "digest": sale.digest, "copyId": copy,
            "reversalId": reversal_id(copy), "reversalCartId": reversal_cart_id(copy),
        })
    };
    let products = ["cafe-cre\u{300}me", "2010007107310"]
        .map(|sku| json!({ "sku": sku, "productId": ProductId::of_sku(sku) }));
    json!({
        "seal": [
            named("a café: both normal forms, weighed goods, discounts, rounded cash", first),
            named("exempt, two taxes, a tip, skus and a later version's keys beyond the BMP", second),
            named("the first one's reversal: everything negated", third),
        ],
        "read": [
            read("as sealed", &cafe.fields, "valid"),
            read("what server and views add is not signed", &seen, "valid"),
            read("a copy is linked by its original's digest", &copy, "valid"),
            read("a copy that was changed and signed anew", &false_copy, "copy"),
            read("an amount was changed", &cheaper, "digest"),
            read("a field that nobody knows was added", &unknown, "digest"),
            read("a text in another normal form is another text", &decomposed, "digest"),
            read("lines in another order: same fingerprint, another sale", &reordered, "digest"),
            read("another link before it", &relinked, "journal"),
        ],
        "links": [{
            "registerId": register(), "document": resolution, "link": link,
        }],
        "canonical": [{ "value": trap, "text": canonical(&trap).unwrap() }],
        "ids": [id(&cafe), id(&exempt)],
        "products": products,
    })
}

/// Pretty JSON in ASCII, so that no editor changes a normal form.
fn ascii(value: &Value) -> String {
    let mut text = String::new();
    for character in serde_json::to_string_pretty(value).unwrap().chars() {
        if character.is_ascii() && character != '\u{7f}' {
            text.push(character);
        } else {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    text + "\n"
}

#[test]
fn the_vectors_of_the_record_are_those_in_the_file() {
    let made = vectors();
    if std::env::var_os("COUNTERFOIL_WRITE_VECTORS").is_some() {
        std::fs::write(FILE, ascii(&made)).unwrap();
    }
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(FILE).unwrap()).unwrap();
    assert_eq!(made, kept);
}

#[test]
fn a_chain_is_followed_link_by_link() {
    let kept = vectors();
    let mut before: Option<Link> = None;
    for sale in kept["seal"].as_array().unwrap() {
        let link: Link = serde_json::from_value(sale["sealed"]["journal"].clone()).unwrap();
        assert!(link.follows(before.as_ref()));
        before = Some(link);
    }
    let link: Link = serde_json::from_value(kept["links"][0]["link"].clone()).unwrap();
    assert!(link.follows(before.as_ref()) && !link.follows(None));
    let digest = Digest::of(&kept["links"][0]["document"]).unwrap();
    assert!(link.signs(register(), digest).unwrap());
    assert!(!link.signs(register(), Digest::ZERO).unwrap());
}

#[test]
fn a_record_survives_its_document() {
    for record in [cafe(), exempt()] {
        let fields = record.to_fields().unwrap();
        let read = SaleRecord::from_fields(&fields).unwrap();
        assert_eq!(read.to_fields().unwrap(), fields);
        let later = changed(&fields, "later", json!({ "x": 1 }));
        assert_eq!(
            SaleRecord::from_fields(&later).unwrap(),
            read,
            "unknown fields are left aside"
        );
    }
}

#[test]
fn empty_optional_values_are_absent_and_lists_are_there() {
    let mut record = common::sale(&cart([]), &[], &included());
    record.shift_id = Some(String::new());
    let fields = record.to_fields().unwrap();
    for absent in [
        "tip",
        "shiftId",
        "taxExempt",
        "customer",
        "cancels",
        "originalSaleId",
        "storeId",
    ] {
        assert!(!fields.contains_key(absent), "{absent}");
    }
    for list in ["lines", "discounts", "taxes", "tenders"] {
        assert_eq!(fields[list], json!([]));
    }
    assert_eq!(
        (&fields["rounding"], &fields["changeDue"]),
        (&json!(0), &json!(0))
    );
    assert!(
        !cafe().to_fields().unwrap()["lines"][1]
            .as_object()
            .unwrap()
            .contains_key("unitCost")
    );
}

#[test]
fn what_two_programs_could_spell_differently_is_refused() {
    let path = |value: Value| match canonical(&json!({ "lines": [{ "total": value }] })) {
        Err(DocumentError::NotAnInteger { path }) => format!("float {path}"),
        Err(DocumentError::TooLarge { path }) => format!("large {path}"),
        Err(DocumentError::Null { path }) => format!("null {path}"),
        other => format!("{other:?}"),
    };
    assert_eq!(path(json!(1.0)), "float lines[0].total");
    assert_eq!(
        path(json!(9_007_199_254_740_992_i64)),
        "large lines[0].total"
    );
    assert_eq!(path(json!(u64::MAX)), "float lines[0].total");
    assert_eq!(path(Value::Null), "null lines[0].total");
}

#[test]
fn a_broken_seal_says_what_is_broken() {
    let (_, sale) = sealed(&cafe(), json!({}), None);
    let of = |name: &str, value: Value| verify(&changed(&sale.fields, name, value)).unwrap_err();
    assert!(matches!(of("total", json!(1)), Mismatch::Digest { .. }));
    assert!(matches!(
        of("digest", json!("0".repeat(64))),
        Mismatch::Digest { .. }
    ));
    assert!(matches!(
        of("fingerprint", json!("0".repeat(64))),
        Mismatch::Fingerprint { .. }
    ));
    assert!(matches!(of("journal", json!({})), Mismatch::Journal { .. }));
    assert!(matches!(of("lines", json!(1)), Mismatch::Digest { .. }));
    let mut bare = sale.fields.clone();
    bare.remove("journal");
    assert!(matches!(
        verify(&bare),
        Err(Mismatch::Document(DocumentError::Missing { .. }))
    ));
    assert!(
        copy_of(&copy_of(&sale.fields).unwrap()).is_err(),
        "a copy is not copied"
    );
}

#[test]
fn a_copy_is_told_from_what_pretends_to_be_one() {
    let (_, sold) = sealed(&cafe(), json!({}), None);
    let (_, other) = sealed(&exempt(), json!({}), Some(&sold));
    let copy = copy_of(&sold.fields).unwrap();
    let there = changed(&copy, "createdAt", "2026-11-22T14:02:14.123Z".into());
    let there = changed(&there, "storeId", "corner".into());
    assert!(is_copy_of(&there, &sold.fields), "whoever has put it there");
    assert!(!is_copy_of(&there, &other.fields), "of another sale");
    assert!(!is_copy_of(&sold.fields, &sold.fields), "the sale itself");
    for (name, value) in [
        ("cashierName", json!("Somebody")),
        ("digest", json!("0".repeat(64))),
        ("journal", json!({})),
        ("bonus", json!(1)),
    ] {
        assert!(
            !is_copy_of(&changed(&there, name, value), &sold.fields),
            "{name}"
        );
    }
}
