//! Who a key belongs to: service, product and partition, the key ids made of them, and the rules
//! by which a record's key id is accepted.

use std::fmt;
use std::sync::Arc;

use crate::error::EnvelopeError;

/// Longest key id, in Unicode scalar values: what a `VARCHAR(255)` column holds. A longer one
/// would be cut by some databases, and with it the data behind it.
pub const MAX_KEY_ID_CHARS: usize = 255;

/// Longest region suffix of a sealed record, in bytes.
pub const MAX_SUFFIX_LEN_BYTES: usize = 32;

/// One service and product, and the region whose keys it writes.
#[derive(Clone, PartialEq, Eq)]
pub struct Service {
    service_id: String,
    product_id: String,
    suffix: Option<String>,
}

impl Service {
    /// Checks and takes the ids; `suffix` is the metastore's region, if it has one.
    ///
    /// # Errors
    /// [`EnvelopeError::InvalidArgument`] for an id that is empty, holds U+0000, begins or ends
    /// with a space, or is too long for a key id; and for a suffix that isn't 1 to 32 bytes of
    /// printable ASCII.
    pub fn new(
        service_id: &str,
        product_id: &str,
        suffix: Option<&str>,
    ) -> Result<Self, EnvelopeError> {
        check_id("serviceId", service_id)?;
        check_id("productId", product_id)?;
        check_no_outer_space("serviceId", service_id)?;
        check_no_outer_space("productId", product_id)?;
        if suffix.is_some_and(|s| !is_suffix(s)) {
            return Err(invalid(
                "regionSuffix",
                "must be 1 to 32 printable ASCII characters",
            ));
        }
        let service = Self {
            service_id: service_id.to_owned(),
            product_id: product_id.to_owned(),
            suffix: suffix.map(str::to_owned),
        };
        check_key_id("serviceId and productId", &service.system_key_id())?;
        Ok(service)
    }

    /// The region suffix of keys that this service writes.
    #[must_use]
    pub fn suffix(&self) -> Option<&str> {
        self.suffix.as_deref()
    }

    /// `_SK_{service}_{product}`, with the suffix where there is one.
    #[must_use]
    pub fn system_key_id(&self) -> String {
        with_suffix(self.plain_system_key_id(), self.suffix())
    }

    fn plain_system_key_id(&self) -> String {
        format!("_SK_{}_{}", self.service_id, self.product_id)
    }

    /// Whether a key row may name `id` as its parent: the same service, product and suffix rule.
    #[must_use]
    pub(crate) fn accepts_system_key_id(&self, id: &str) -> bool {
        accepted_suffix(id, &self.plain_system_key_id(), self.suffix()).is_some()
    }
}

/// One partition of a service: a tenant, a user, whatever must be isolated.
#[derive(Clone, PartialEq, Eq)]
pub struct Partition {
    service: Arc<Service>,
    id: String,
}

impl Partition {
    /// Checks and takes the partition id.
    ///
    /// # Errors
    /// [`EnvelopeError::InvalidArgument`] for an id that is empty, holds U+0000, or makes a key id
    /// of more than 255 characters.
    pub fn new(service: Arc<Service>, id: &str) -> Result<Self, EnvelopeError> {
        check_id("partitionId", id)?;
        let partition = Self {
            service,
            id: id.to_owned(),
        };
        check_key_id("partitionId", &partition.intermediate_key_id())?;
        Ok(partition)
    }

    /// The id that the caller gave.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The service that the partition belongs to.
    #[must_use]
    pub fn service(&self) -> &Arc<Service> {
        &self.service
    }

    /// `_IK_{partition}_{service}_{product}`, with the suffix where there is one: the id of the
    /// key that writes.
    #[must_use]
    pub fn intermediate_key_id(&self) -> String {
        with_suffix(self.plain_intermediate_key_id(), self.service.suffix())
    }

    /// The id of the key of a record that names `suffix`.
    ///
    /// # Errors
    /// [`EnvelopeError::PartitionMismatch`] if this service doesn't read that region's records.
    pub(crate) fn key_id_of_suffix(&self, suffix: Option<&str>) -> Result<String, EnvelopeError> {
        let id = with_suffix(self.plain_intermediate_key_id(), suffix);
        self.check_key_id(&id)?;
        Ok(id)
    }

    /// Checks the key id that a record names, and gives its region suffix.
    ///
    /// Accepted are the id that this partition writes and, where it has a suffix, also the id
    /// without one and the id with another region's. Without a suffix no other id is accepted: a
    /// looser rule would let product `p` read product `p_x`.
    ///
    /// # Errors
    /// [`EnvelopeError::PartitionMismatch`] for any other id.
    pub(crate) fn check_key_id<'a>(&self, id: &'a str) -> Result<Option<&'a str>, EnvelopeError> {
        accepted_suffix(id, &self.plain_intermediate_key_id(), self.service.suffix())
            .ok_or(EnvelopeError::PartitionMismatch)
    }

    /// What separates the keys derived for this partition from those of every other place:
    /// service, product, partition and suffix, each as u16 big-endian byte length ‖ UTF-8.
    #[must_use]
    pub fn derivation_context(&self, suffix: Option<&str>) -> Vec<u8> {
        let fields = [
            &self.service.service_id,
            &self.service.product_id,
            &self.id,
            suffix.unwrap_or(""),
        ];
        let mut context = Vec::with_capacity(fields.iter().map(|f| f.len() + 2).sum());
        for field in fields {
            let len = u16::try_from(field.len())
                .expect("ids of at most 255 characters are at most 1020 bytes long");
            context.extend_from_slice(&len.to_be_bytes());
            context.extend_from_slice(field.as_bytes());
        }
        context
    }

    fn plain_intermediate_key_id(&self) -> String {
        format!(
            "_IK_{}_{}_{}",
            self.id, self.service.service_id, self.service.product_id
        )
    }
}

// Identifiers may name people: they stay out of logs.
impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Service(redacted)")
    }
}

impl fmt::Debug for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Partition(redacted)")
    }
}

fn with_suffix(mut id: String, suffix: Option<&str>) -> String {
    if let Some(suffix) = suffix {
        id.push('_');
        id.push_str(suffix);
    }
    id
}

/// The suffix of `id`, if a service with `own` suffix accepts it. Outer `None` means refused.
#[expect(
    clippy::option_option,
    reason = "accepted without a suffix differs from refused"
)]
fn accepted_suffix<'a>(id: &'a str, plain: &str, own: Option<&str>) -> Option<Option<&'a str>> {
    let rest = id.strip_prefix(plain)?;
    if rest.is_empty() {
        return Some(None);
    }
    let (suffix, own) = (rest.strip_prefix('_')?, own?);
    (suffix == own || is_region(suffix)).then_some(Some(suffix))
}

/// `^[a-z]{2}(-[a-z]+)+-[0-9]$`, the shape of an AWS region.
fn is_region(name: &str) -> bool {
    let parts: Vec<&str> = name.split('-').collect();
    let [country, area @ .., number] = parts.as_slice() else {
        return false;
    };
    let is_lower = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_lowercase());
    country.len() == 2
        && is_lower(country)
        && !area.is_empty()
        && area.iter().all(|part| is_lower(part))
        && number.len() == 1
        && number.bytes().all(|b| b.is_ascii_digit())
}

/// 1 to 32 printable ASCII bytes: what a sealed record's header can name.
pub(crate) fn is_suffix(suffix: &str) -> bool {
    (1..=MAX_SUFFIX_LEN_BYTES).contains(&suffix.len())
        && suffix.bytes().all(|b| b.is_ascii_graphic())
}

fn check_id(name: &'static str, id: &str) -> Result<(), EnvelopeError> {
    if id.is_empty() {
        return Err(invalid(name, "must not be empty"));
    }
    if id.contains('\0') {
        return Err(invalid(name, "must not contain U+0000"));
    }
    Ok(())
}

fn check_no_outer_space(name: &'static str, id: &str) -> Result<(), EnvelopeError> {
    if id.starts_with(' ') || id.ends_with(' ') {
        return Err(invalid(name, "must not begin or end with a space"));
    }
    Ok(())
}

fn check_key_id(name: &'static str, key_id: &str) -> Result<(), EnvelopeError> {
    if key_id.chars().count() > MAX_KEY_ID_CHARS {
        return Err(invalid(name, "must make key ids of at most 255 characters"));
    }
    Ok(())
}

fn invalid(name: &'static str, requirement: &'static str) -> EnvelopeError {
    EnvelopeError::InvalidArgument { name, requirement }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partition(id: &str, suffix: Option<&str>) -> Partition {
        Partition::new(Arc::new(Service::new("svc", "prod", suffix).unwrap()), id).unwrap()
    }

    #[test]
    fn ids_have_the_shape_of_asherah() {
        let plain = partition("p1", None);
        assert_eq!(plain.service().system_key_id(), "_SK_svc_prod");
        assert_eq!(plain.intermediate_key_id(), "_IK_p1_svc_prod");
        let regional = partition("p1", Some("us-west-2"));
        assert_eq!(regional.service().system_key_id(), "_SK_svc_prod_us-west-2");
        assert_eq!(regional.intermediate_key_id(), "_IK_p1_svc_prod_us-west-2");
    }

    #[test]
    fn without_a_suffix_only_its_own_id_is_accepted() {
        let p = partition("p1", None);
        assert_eq!(p.check_key_id("_IK_p1_svc_prod").unwrap(), None);
        for foreign in [
            "_IK_p2_svc_prod",
            "_IK_p1_svc_prod_x",
            "_IK_p1_svc_prod_us-west-2",
            "_IK_p1_svc",
            "_IK_p1_svc_prod_",
            "_SK_svc_prod",
            "",
        ] {
            assert!(p.check_key_id(foreign).is_err(), "{foreign}");
        }
    }

    #[test]
    fn with_a_suffix_other_regions_and_the_plain_id_are_accepted() {
        let p = partition("p1", Some("us-west-2"));
        for (id, suffix) in [
            ("_IK_p1_svc_prod", None),
            ("_IK_p1_svc_prod_us-west-2", Some("us-west-2")),
            ("_IK_p1_svc_prod_eu-central-1", Some("eu-central-1")),
            ("_IK_p1_svc_prod_us-gov-west-1", Some("us-gov-west-1")),
        ] {
            assert_eq!(p.check_key_id(id).unwrap(), suffix, "{id}");
        }
        for foreign in [
            "_x",
            "_us-west",
            "_us-west-22",
            "_US-west-2",
            "_u-west-2",
            "_us--2",
            "_",
        ] {
            assert!(
                p.check_key_id(&format!("_IK_p1_svc_prod{foreign}"))
                    .is_err(),
                "{foreign}"
            );
        }
    }

    #[test]
    fn refuses_ids_that_a_store_would_change() {
        for bad in ["", " svc", "svc ", "a\0b", &"x".repeat(256)] {
            assert!(Service::new(bad, "prod", None).is_err(), "{bad:?}");
            assert!(Service::new("svc", bad, None).is_err(), "{bad:?}");
        }
        let service = Arc::new(Service::new("svc", "prod", None).unwrap());
        for bad in ["", "a\0b", &"x".repeat(243)] {
            assert!(
                Partition::new(Arc::clone(&service), bad).is_err(),
                "{bad:?}"
            );
        }
        assert!(Partition::new(Arc::clone(&service), &"ü".repeat(242)).is_ok());
        assert!(Partition::new(service, " spaces are content ").is_ok());
    }

    #[test]
    fn contexts_of_colliding_key_ids_differ() {
        let of = |partition: &str, service: &str| {
            let service = Arc::new(Service::new(service, "p", None).unwrap());
            Partition::new(service, partition).unwrap()
        };
        let (one, other) = (of("a_b", "c"), of("a", "b_c"));
        assert_eq!(one.intermediate_key_id(), other.intermediate_key_id());
        assert_ne!(one.derivation_context(None), other.derivation_context(None));
    }
}
