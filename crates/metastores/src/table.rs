//! Names of tables that can be put into a statement.

use std::fmt;

/// What Asherah calls the table.
const DEFAULT: &str = "encryption_key";
/// The shortest limit among the databases (PostgreSQL's).
const MAX_LEN_BYTES: usize = 63;

/// A table name of letters, digits and `_`: it can't end a quoted identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableName(String);

/// The text is no [`TableName`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 63 letters, digits or _, and not begin with a digit")]
pub struct InvalidTableName;

impl TableName {
    /// Checks and takes a name.
    ///
    /// # Errors
    /// [`InvalidTableName`].
    pub fn new(name: &str) -> Result<Self, InvalidTableName> {
        let is_valid = (1..=MAX_LEN_BYTES).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && !name.starts_with(|c: char| c.is_ascii_digit());
        if is_valid {
            Ok(Self(name.to_owned()))
        } else {
            Err(InvalidTableName)
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for TableName {
    fn default() -> Self {
        Self(DEFAULT.to_owned())
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A table's name, with its schema where one is given: `schema.table`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QualifiedTableName {
    schema: Option<TableName>,
    table: TableName,
}

impl QualifiedTableName {
    /// Checks and takes `table` or `schema.table`.
    ///
    /// # Errors
    /// [`InvalidTableName`].
    pub fn new(name: &str) -> Result<Self, InvalidTableName> {
        let (schema, table) = match name.split_once('.') {
            Some((schema, table)) => (Some(TableName::new(schema)?), table),
            None => (None, name),
        };
        Ok(Self {
            schema,
            table: TableName::new(table)?,
        })
    }
}

impl fmt::Display for QualifiedTableName {
    /// In the quotes of standard SQL.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "\"{schema}\".")?;
        }
        write!(f, "\"{}\"", self.table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_names_that_could_leave_their_quotes() {
        for bad in ["", "a\"b", "a b", "a;b", "1a", "tablé", &"x".repeat(64)] {
            assert_eq!(TableName::new(bad), Err(InvalidTableName), "{bad}");
        }
        assert_eq!(TableName::new("Keys_2").unwrap().as_str(), "Keys_2");
    }

    #[test]
    fn a_schema_is_quoted_apart_from_its_table() {
        let name = QualifiedTableName::new("vault.Keys").unwrap();
        assert_eq!(name.to_string(), r#""vault"."Keys""#);
        let default = QualifiedTableName::default();
        assert_eq!(default.to_string(), r#""encryption_key""#);
        for bad in ["", ".", "a.", ".a", "a.b.c", "a\".b"] {
            assert_eq!(QualifiedTableName::new(bad), Err(InvalidTableName), "{bad}");
        }
    }
}
