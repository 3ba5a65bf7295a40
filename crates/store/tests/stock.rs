//! On hand by the registers' levels is the sum of the movements, whatever moved.

mod shop;

use counterfoil_domain::ProductId;
use counterfoil_store::table::stock_movements::{Movement, MovementKind, post};
use counterfoil_store::table::{register, stock_levels};
use counterfoil_store::{Stock, StoreError};
use proptest::prelude::*;
use shop::{NOW, Shop, register_named, shop};

const KINDS: [MovementKind; 5] = [
    MovementKind::Received,
    MovementKind::Sold,
    MovementKind::Returned,
    MovementKind::Adjusted,
    MovementKind::Transferred,
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn on_hand_is_the_sum_of_all_movements(
        moves in prop::collection::vec(
            (0..3_usize, 0..3_usize, 0..5_usize, -1_000_000_000..1_000_000_000_i64), 0..60)
    ) {
        let Shop { dir: _dir, mut store } = shop();
        let registers = [1, 2, 3].map(|id| register_named(["A", "B", "C"][id - 1], id as u128));
        let products = ["ONE", "TWO", "THREE"].map(ProductId::of_sku);
        let posted: Result<(), StoreError> = store.write(|tx| {
            register::make_current(tx, &registers[1])?;
            register::make_current(tx, &registers[2])?;
            for (register, product, kind, thousandths) in &moves {
                let movement = Movement {
                    product_id: products[*product],
                    kind: KINDS[*kind],
                    change: Stock::from_thousandths(*thousandths),
                    line: None,
                    reason: None,
                };
                post(tx, registers[*register].register_id, &movement, None, NOW)?;
            }
            Ok(())
        });
        posted.expect("posted");
        let conn = store.connection();
        for (index, product) in products.iter().enumerate() {
            let expected: i64 = moves.iter().filter(|m| m.1 == index).map(|m| m.3).sum();
            let sum: i64 = conn
                .query_row(
                    "SELECT coalesce(sum(change), 0) FROM stock_movements WHERE product_id = ?1",
                    [product.to_string()],
                    |row| row.get(0),
                )
                .expect("a sum");
            let on_hand = stock_levels::on_hand(conn, *product).expect("a level");
            prop_assert_eq!((sum, on_hand.thousandths()), (expected, expected));
            let sold: i64 = moves
                .iter()
                .filter(|m| m.1 == index && KINDS[m.2] == MovementKind::Sold)
                .map(|m| -m.3)
                .sum();
            let levels = stock_levels::of_product(conn, *product).expect("levels");
            let counted: i64 = levels.iter().map(|level| level.sold.thousandths()).sum();
            prop_assert_eq!(counted, sold);
        }
    }
}

#[test]
fn a_count_beyond_64_bits_is_refused_whole() {
    let Shop {
        dir: _dir,
        mut store,
    } = shop();
    let movement = |thousandths| Movement {
        product_id: ProductId::of_sku("COFFEE"),
        kind: MovementKind::Adjusted,
        change: Stock::from_thousandths(thousandths),
        line: None,
        reason: None,
    };
    let mut receive = |thousandths| -> Result<i64, StoreError> {
        store.write(|tx| {
            let register = register::require(tx)?.register_id;
            post(tx, register, &movement(thousandths), None, NOW)
        })
    };
    receive(i64::MAX).expect("the largest count");
    let refused = receive(1).expect_err("one more");
    assert_eq!(refused.kind(), counterfoil_store::ErrorKind::Refused);
    let on_hand = stock_levels::on_hand(store.connection(), ProductId::of_sku("COFFEE"));
    assert_eq!(on_hand.expect("a level"), Stock::from_thousandths(i64::MAX));
}
