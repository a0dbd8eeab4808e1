//! A row of an `encryption_key` table, read in the same way from every SQL database.
//!
//! `created` is compared as text, `YYYY-MM-DD HH:MM:SS` UTC: no driver's or server's time zone
//! takes part. Ids are compared as bytes: a collation that takes different ids for one is noticed.

use sealdiff_envelope::record::EnvelopeKeyRecord;
use sealdiff_envelope::{MetastoreError, Timestamp};
use sqlx::{ColumnIndex, Decode};

/// What a fraction of a second looks like where a database writes one and there is none.
const NO_FRACTION: &str = ".000000";

/// The columns `id`, `key_record` and `created`, all as text, in this order.
pub(crate) struct Row {
    id: String,
    key_record: String,
    created: Option<String>,
}

impl Row {
    /// Takes the columns out of a driver's row, whatever text type they have.
    pub(crate) fn read<'r, R>(row: &'r R) -> Result<Self, MetastoreError>
    where
        R: sqlx::Row,
        usize: ColumnIndex<R>,
        String: Decode<'r, R::Database>,
    {
        Ok(Self {
            id: text(row, 0)?.ok_or(NOT_TEXT)?,
            key_record: text(row, 1)?.ok_or(NOT_TEXT)?,
            created: text(row, 2)?,
        })
    }

    fn has_id(&self, id: &str) -> bool {
        self.id == id
    }

    fn into_record(self) -> Result<EnvelopeKeyRecord, MetastoreError> {
        let record = EnvelopeKeyRecord::from_json(&self.key_record)
            .map_err(|_syntax| invalid("it is not an EnvelopeKeyRecord"))?;
        let created = self.created.unwrap_or_default();
        let created = created.strip_suffix(NO_FRACTION).unwrap_or(&created);
        // Else the key could write records that name a row which nobody can load.
        if created != utc_text(record.created) {
            return Err(invalid(
                "its created column is not its record's, as YYYY-MM-DD HH:MM:SS",
            ));
        }
        Ok(record)
    }
}

/// The outcome of an exact load: a row of another id is no answer, and no reason not to decrypt.
///
/// # Errors
/// [`MetastoreError::InvalidRow`].
pub(crate) fn exact(
    id: &str,
    rows: impl IntoIterator<Item = Row>,
) -> Result<Option<EnvelopeKeyRecord>, MetastoreError> {
    let mut others = 0_usize;
    for row in rows {
        if row.has_id(id) {
            return row.into_record().map(Some);
        }
        others += 1;
    }
    if others > 0 {
        tracing::warn!(
            "the metastore found the key row of another id: its id column needs a binary collation"
        );
    }
    Ok(None)
}

/// The outcome of a load of the newest row.
///
/// # Errors
/// [`MetastoreError::Collation`] for the row of another id, which must not lead to a new key:
/// the two would share or hide each other's. [`MetastoreError::InvalidRow`].
pub(crate) fn newest(
    id: &str,
    row: Option<Row>,
) -> Result<Option<EnvelopeKeyRecord>, MetastoreError> {
    match row {
        Some(row) if !row.has_id(id) => Err(MetastoreError::Collation),
        Some(row) => row.into_record().map(Some),
        None => Ok(None),
    }
}

/// Checks every id that the database takes for `id`.
///
/// # Errors
/// [`MetastoreError::Collation`] if one of them is another, or is kept in another form.
pub(crate) fn only_this_id<'r, R>(id: &str, rows: &'r [R]) -> Result<(), MetastoreError>
where
    R: sqlx::Row,
    usize: ColumnIndex<R>,
    String: Decode<'r, R::Database>,
{
    for row in rows {
        if text(row, 0)?.as_deref() != Some(id) {
            return Err(MetastoreError::Collation);
        }
    }
    Ok(())
}

/// `YYYY-MM-DD HH:MM:SS` of a timestamp, UTC.
pub(crate) fn utc_text(at: Timestamp) -> String {
    let seconds = at.unix_seconds() % 86_400;
    let (year, month, day) = civil_date(at.unix_seconds() / 86_400);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

/// The Gregorian date of a number of days since 1970-01-01: Hinnant, "chrono-Compatible Low-Level
/// Date Algorithms", `civil_from_days`. Years begin in March there, so that leap days end them.
fn civil_date(days: u32) -> (u32, u32, u32) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    (year_of_era + era * 400 + u32::from(month <= 2), month, day)
}

const NOT_TEXT: MetastoreError = invalid("a column is not text");

const fn invalid(reason: &'static str) -> MetastoreError {
    MetastoreError::InvalidRow { reason }
}

/// Unchecked: the drivers' type checks know neither domains nor binary collations as text.
fn text<'r, R>(row: &'r R, column: usize) -> Result<Option<String>, MetastoreError>
where
    R: sqlx::Row,
    usize: ColumnIndex<R>,
    String: Decode<'r, R::Database>,
{
    row.try_get_unchecked::<Option<String>, _>(column)
        .map_err(|_type| NOT_TEXT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_times_as_calendars_do() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00:00"),
            (951_782_399, "2000-02-28 23:59:59"),
            (951_782_400, "2000-02-29 00:00:00"),
            (951_868_800, "2000-03-01 00:00:00"),
            (1_795_257_000, "2026-11-21 10:30:00"),
            (2_147_483_647, "2038-01-19 03:14:07"),
            (4_107_542_400, "2100-03-01 00:00:00"),
            (u32::MAX, "2106-02-07 06:28:15"),
        ] {
            assert_eq!(utc_text(Timestamp::from_unix_seconds(seconds)), text);
        }
    }

    fn row(id: &str) -> Row {
        Row {
            id: id.to_owned(),
            key_record: r#"{"Key":"BwcH","Created":60}"#.to_owned(),
            created: Some("1970-01-01 00:01:00.000000".to_owned()),
        }
    }

    #[test]
    fn an_exact_load_passes_over_rows_of_other_ids() {
        let found = exact("_SK_b", [row("_SK_B"), row("_SK_b")]).unwrap();
        assert_eq!(found.unwrap().created.unix_seconds(), 60);
        assert_eq!(exact("_SK_b", [row("_SK_B")]).unwrap(), None);
    }

    #[test]
    fn the_newest_row_of_another_id_is_an_error() {
        let outcome = newest("_SK_b", Some(row("_SK_B")));
        assert!(matches!(outcome, Err(MetastoreError::Collation)));
        assert!(newest("_SK_b", Some(row("_SK_b"))).unwrap().is_some());
    }

    #[test]
    fn a_row_whose_fraction_of_a_second_nobody_can_name_is_invalid() {
        let mut with_fraction = row("_SK_b");
        with_fraction.created = Some("1970-01-01 00:01:00.500000".to_owned());
        let outcome = newest("_SK_b", Some(with_fraction));
        assert!(matches!(outcome, Err(MetastoreError::InvalidRow { .. })));
    }
}
