//! `checkout`.

use std::io::{BufRead, BufReader};
use std::path::Path;

use counterfoil_app::{AppError, OfferedCart, Till};

use super::Context;
use super::sales::receipt;
use crate::cli::Checkout;
use crate::{Done, ended, input, output};

pub(super) fn run(context: &Context<'_>, checkout: &Checkout) -> Result<Done, AppError> {
    let till = context.till()?;
    if checkout.lines {
        return lines(context, &till, &checkout.file);
    }
    let cart = OfferedCart::parse(&input::text(&checkout.file)?)?;
    let sale = till.checkout(cart)?;
    if context.json {
        output::json(&sale.document())?;
    } else {
        receipt(&till, &sale)?;
    }
    Ok(Done::Well)
}

/// One cart a line; each sale is printed as soon as it is on disk. A bad line loses no other.
fn lines(context: &Context<'_>, till: &Till, file: &Path) -> Result<Done, AppError> {
    let mut done = Done::Well;
    let reader = BufReader::new(input::reader(file)?);
    for (index, line) in reader.split(b'\n').enumerate() {
        let line = line.map_err(|error| input::unreadable(file, &error))?;
        let sold = std::str::from_utf8(&line)
            .map_err(|_| AppError::invalid("the line is not UTF-8"))
            .and_then(|text| match text.trim() {
                "" => Ok(None),
                text => OfferedCart::parse(text)
                    .and_then(|cart| till.checkout(cart))
                    .map(Some),
            });
        match sold {
            Ok(None) => {}
            Ok(Some(sale)) if context.json => output::json(&sale.document())?,
            Ok(Some(sale)) => {
                let view = sale.view();
                output::line(&format!("{} {}", view.receipt_number, view.sale_id));
            }
            Err(error) => {
                output::error_at(&error, Some(index + 1));
                done = worse(done, ended(&error));
            }
        }
    }
    Ok(done)
}

/// A wrong line outweighs one that could not be done: the file is to be mended first.
const fn worse(one: Done, other: Done) -> Done {
    match (one, other) {
        (Done::BadInput, _) | (_, Done::BadInput) => Done::BadInput,
        (Done::Failed, _) | (_, Done::Failed) => Done::Failed,
        _ => Done::Well,
    }
}
