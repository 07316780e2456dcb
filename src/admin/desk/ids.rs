//! Finds the one thing that an id, or the unique beginning of one, names.

use uuid::Uuid;

use super::DeskError;

/// A shorter beginning is a slip of the finger.
const SHORTEST: usize = 4;

/// So many candidates are named where a beginning is not unique.
const NAMED: usize = 3;

/// The id among these that `text` is or begins. `what` is the thing, for the sentence.
///
/// # Errors
/// If none or several are meant, or the text can't begin an id.
pub(super) fn the_one(
    text: &str,
    what: &str,
    ids: impl Iterator<Item = Uuid>,
) -> Result<Uuid, DeskError> {
    let wanted = text.trim().to_lowercase();
    let plausible = wanted.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    if !plausible || wanted.len() < SHORTEST {
        return Err(DeskError::Invalid(format!(
            "`{text}` is no id, and no beginning of one ({SHORTEST} characters or more)"
        )));
    }
    let mut found: Vec<Uuid> = ids.filter(|id| id.to_string().starts_with(&wanted)).collect();
    found.sort_unstable();
    found.dedup();
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(DeskError::NotFound(format!("there is no {what} {text}"))),
        several => {
            let named: Vec<String> = several.iter().take(NAMED).map(Uuid::to_string).collect();
            let more = if several.len() > NAMED { ", …" } else { "" };
            Err(DeskError::Invalid(format!(
                "{} {what}s begin with {text} ({}{more}); write more of the id",
                several.len(),
                named.join(", ")
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> Vec<Uuid> {
        let texts =
            ["019ab2c4-7d1e-7000-8000-000000000001", "019ab2c4-7d1f-7000-8000-000000000002"];
        texts.map(|text| text.parse().unwrap()).to_vec()
    }

    #[test]
    fn a_beginning_is_enough_where_it_is_unique() {
        let found = the_one("019AB2C4-7d1f", "incident", ids().into_iter()).unwrap();
        assert_eq!(found, ids()[1]);
        let whole = ids()[0].to_string();
        assert_eq!(the_one(&whole, "incident", ids().into_iter()).unwrap(), ids()[0]);
    }

    #[test]
    fn what_is_meant_must_be_clear() {
        let error = |text| the_one(text, "incident", ids().into_iter()).unwrap_err();
        assert!(matches!(error("019ab2c4"), DeskError::Invalid(why) if why.starts_with("2 inc")));
        assert!(matches!(error("019ab2c5"), DeskError::NotFound(_)));
        for none in ["", "019", "checkout", "019ab2c4%"] {
            assert!(matches!(error(none), DeskError::Invalid(_)), "{none}");
        }
    }
}
