//! People at the till. For now a person is a name.

use counterfoil_domain::document::nfc;
use uuid::Uuid;

use crate::error::{AppError, Result};

/// The namespace of people's ids: UUID v5 of `people.counterfoil.org` in the DNS namespace.
const PEOPLE: Uuid = Uuid::from_u128(0x248f_6f9e_d471_5e71_bfff_fbf7_7eba_9774);

/// Who rings up when nobody has said who is at the till.
pub(crate) const NOBODY: &str = "Cashier";

/// The longest name, in characters.
const MAX_NAME: usize = 100;

/// A person by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    /// UUID v5 of the lower-cased name, so that two registers agree without asking each other.
    pub(crate) id: Uuid,
    /// The name as written.
    pub(crate) name: String,
}

impl Person {
    /// The person with this name; white space around it does not count.
    pub(crate) fn named(name: &str) -> Result<Self> {
        let name = nfc(name.trim());
        if name.is_empty() {
            return Err(AppError::invalid("a name is needed"));
        }
        if name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
            let limit = format!("a name has at most {MAX_NAME} characters and no line ends");
            return Err(AppError::invalid(limit));
        }
        let id = Uuid::new_v5(&PEOPLE, name.to_lowercase().as_bytes());
        Ok(Self { id, name })
    }

    /// The person at the till; [`NOBODY`] when nobody has said.
    pub(crate) fn at_till(name: &str) -> Result<Self> {
        Self::named(if name.trim().is_empty() { NOBODY } else { name })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_is_one_person_however_it_is_capitalised() {
        let anna = Person::named(" Anna ").expect("a name");
        assert_eq!(anna.id, Person::named("ANNA").expect("a name").id);
        assert_eq!(anna.name, "Anna");
        assert_ne!(anna.id, Person::named("Ben").expect("a name").id);
        assert!(Person::named("  ").is_err());
    }

    #[test]
    fn the_namespace_is_that_of_people_counterfoil_org() {
        assert_eq!(
            PEOPLE,
            Uuid::new_v5(&Uuid::NAMESPACE_DNS, b"people.counterfoil.org")
        );
    }
}
