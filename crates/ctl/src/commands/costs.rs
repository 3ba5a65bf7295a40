//! What the cloud bills, and how a backlog shrinks, in words; and `sync prices`.

use counterfoil_app::dto::{CostPurpose, SyncCosts, SyncPhase, SyncProgress, SyncStatus};
use counterfoil_app::{AppError, Till};

use super::Context;
use crate::cli::CloudPrices;
use crate::output;

pub(super) fn prices(
    context: &Context<'_>,
    till: &Till,
    asked: &CloudPrices,
) -> Result<(), AppError> {
    let mut prices = till.sync_prices()?;
    let given = [&asked.reads, &asked.writes, &asked.currency];
    if given.iter().any(|given| given.is_some()) {
        let slots = [&mut prices.reads, &mut prices.writes, &mut prices.currency];
        for (slot, given) in slots.into_iter().zip(given) {
            if let Some(given) = given {
                slot.clone_from(given);
            }
        }
        prices = till.set_sync_prices(&prices)?;
    }
    if context.json {
        return output::json(&prices);
    }
    output::line(&format!(
        "100,000 reads cost {currency} {}, 100,000 writes {currency} {}.",
        prices.reads,
        prices.writes,
        currency = prices.currency
    ));
    Ok(())
}

/// What was billed, or nothing where nothing was.
pub(super) fn billed(costs: &SyncCosts) -> Option<String> {
    let month = costs.month.as_deref()?;
    let of_month = &costs.of_month;
    let mut words = format!(
        "The cloud billed {} writes and {} reads in {month}, {} {}.",
        of_month.writes, of_month.reads, costs.currency, of_month.money
    );
    if let Some(money) = &of_month.money_per_thousand_sales {
        let of_upload = of_month.purposes.iter().find_map(|cost| {
            let upload = cost.purpose == CostPurpose::Upload;
            upload.then_some(
                cost.writes_per_sale
                    .as_ref()
                    .zip(cost.reads_per_sale.as_ref()),
            )?
        });
        if let Some((writes, reads)) = of_upload {
            words.push_str(&format!(
                " The upload takes {writes} writes and {reads} reads a sale; a thousand sales come to {} {money} with all that is asked beside it.",
                costs.currency
            ));
        }
    }
    Some(words)
}

/// How a backlog shrinks.
pub(super) fn shrinking(status: &SyncStatus) -> Option<String> {
    let SyncProgress {
        landed,
        per_second,
        seconds_left,
        ..
    } = status.progress.as_ref()?;
    Some(match (per_second, seconds_left) {
        (Some(rate), Some(left)) => {
            format!("{landed} up so far, {rate} sales/s, {} left.", time(*left))
        }
        _ if status.state != SyncPhase::Syncing => {
            "How long they take is not known while they do not go up.".to_owned()
        }
        // Who only looks on at another program's sync does not know what it has done.
        _ if *landed == 0 => "How long they take is not known yet.".to_owned(),
        _ => format!("{landed} up so far; how long the rest takes is not known yet."),
    })
}

fn time(seconds: u32) -> String {
    match seconds {
        0..120 => format!("about {seconds} s"),
        120..7_200 => format!("about {} min", seconds.div_ceil(60)),
        _ => format!("about {} h", seconds.div_ceil(3_600)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_is_told_in_the_unit_that_can_be_grasped() {
        let told = [
            (0, "about 0 s"),
            (119, "about 119 s"),
            (121, "about 3 min"),
            (7_200, "about 2 h"),
        ];
        for (seconds, words) in told {
            assert_eq!(time(seconds), words);
        }
    }

    #[test]
    fn what_is_not_known_is_said() {
        let progress = |per_second: Option<&str>| {
            Some(SyncProgress {
                waiting: 900,
                landed: 100,
                per_second: per_second.map(str::to_owned),
                seconds_left: per_second.map(|_| 45),
            })
        };
        let said = |state, progress| {
            let status = SyncStatus {
                state,
                progress,
                ..SyncStatus::default()
            };
            shrinking(&status).unwrap_or_default()
        };
        let going = said(SyncPhase::Syncing, progress(Some("20")));
        assert_eq!(going, "100 up so far, 20 sales/s, about 45 s left.");
        let begun = said(SyncPhase::Syncing, progress(None));
        assert_eq!(
            begun,
            "100 up so far; how long the rest takes is not known yet."
        );
        let offline = said(SyncPhase::Offline, progress(None));
        assert!(offline.contains("not known while"), "{offline}");
        assert_eq!(said(SyncPhase::Syncing, None), "");
    }
}
