//! Metastores and key management services that users write in JavaScript. `lib/` has wrapped each
//! method in an async function that checks what it resolves to; here they are called from any
//! thread, by weak functions that never keep the event loop alive.

use std::fmt;

use napi::bindgen_prelude::{
    FnArgs, FromNapiValue, JsObjectValue, JsValuesTupleIntoVec, Promise, ToNapiValue, Unknown,
};
use napi::threadsafe_function::ThreadsafeFunction;
use napi::{Env, JsError, JsValue, Status, sys};
use napi_derive::napi;
use sealdiff_envelope::record::EnvelopeKeyRecord;
use sealdiff_envelope::{
    BoxFuture, KeyManagementService, KmsError, Metastore, MetastoreError, SecretKey, Timestamp,
};
use zeroize::Zeroizing;

use crate::bytes::{buffer, view};

/// A method of a user's object: arguments to a promise.
type Method<Args, Answer> = ThreadsafeFunction<Args, Promise<Answer>, Args, Status, false, true, 0>;

/// The methods of a user's metastore.
#[napi(object, object_to_js = false)]
pub(crate) struct MetastoreMethods {
    #[napi(ts_type = "(id: string, created: number) => Promise<string | null>")]
    pub load: Method<FnArgs<(String, u32)>, Option<String>>,
    #[napi(ts_type = "(id: string) => Promise<string | null>")]
    pub load_latest: Method<String, Option<String>>,
    #[napi(ts_type = "(id: string, created: number, record: string) => Promise<boolean>")]
    pub store: Method<FnArgs<(String, u32, String)>, bool>,
}

/// The methods of a user's key management service.
#[napi(object, object_to_js = false)]
pub(crate) struct KmsMethods {
    #[napi(ts_type = "(key: Uint8Array) => Promise<unknown>")]
    pub encrypt_key: Method<KeyBytes, KmsAnswer>,
    #[napi(ts_type = "(encryptedKey: Uint8Array) => Promise<unknown>")]
    pub decrypt_key: Method<KeyBytes, KmsAnswer>,
}

/// Bytes of a key on their way between threads: a napi Buffer must not leave its own.
pub(crate) struct KeyBytes(Zeroizing<Vec<u8>>);

/// What a method of a user's KMS resolved to: bytes, or `{ refused: error }`.
pub(crate) enum KmsAnswer {
    Bytes(KeyBytes),
    Refused(napi::Error),
}

/// What a user's method threw, kept so that it becomes the `cause` of our error.
#[derive(Debug)]
pub(crate) struct Thrown(napi::Error);

impl Thrown {
    /// The very value that was thrown, on the thread where it was; elsewhere a copy of its message.
    pub(crate) fn to_js<'env>(&self, env: &'env Env) -> napi::Result<Unknown<'env>> {
        Ok(JsError::from(self.0.try_clone()?).into_unknown(*env))
    }

    /// The thread of the user's object has ended: no call will ever succeed again.
    fn is_lasting(&self) -> bool {
        self.0.status == Status::Closing
    }
}

impl fmt::Display for Thrown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_lasting() {
            f.write_str("the thread of the custom backend has ended")
        } else {
            f.write_str(&self.0.reason)
        }
    }
}

impl std::error::Error for Thrown {}

/// Calls a method and waits for its promise.
async fn call<Args, Answer>(method: &Method<Args, Answer>, args: Args) -> Result<Answer, Thrown>
where
    Args: JsValuesTupleIntoVec + 'static,
    Answer: FromNapiValue + Send + 'static,
{
    let promise = method.call_async_catch(args).await.map_err(Thrown)?;
    promise.await.map_err(Thrown)
}

impl Metastore for MetastoreMethods {
    fn load<'a>(
        &'a self,
        id: &'a str,
        created: Timestamp,
    ) -> BoxFuture<'a, Result<Option<EnvelopeKeyRecord>, MetastoreError>> {
        Box::pin(async move {
            let args = FnArgs::from((id.to_owned(), created.unix_seconds()));
            parse(call(&self.load, args).await)
        })
    }

    fn load_latest<'a>(
        &'a self,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<EnvelopeKeyRecord>, MetastoreError>> {
        Box::pin(async move { parse(call(&self.load_latest, id.to_owned()).await) })
    }

    fn store<'a>(
        &'a self,
        id: &'a str,
        created: Timestamp,
        record: &'a EnvelopeKeyRecord,
    ) -> BoxFuture<'a, Result<bool, MetastoreError>> {
        Box::pin(async move {
            let args = FnArgs::from((id.to_owned(), created.unix_seconds(), record.to_json()));
            call(&self.store, args).await.map_err(unavailable)
        })
    }

    /// A user's metastore has no method for it: it is asked for a key that can't exist.
    fn ping(&self) -> BoxFuture<'_, Result<(), MetastoreError>> {
        Box::pin(async { self.load_latest("_SK_").await.map(drop) })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

fn parse(row: Result<Option<String>, Thrown>) -> Result<Option<EnvelopeKeyRecord>, MetastoreError> {
    let invalid = |_syntax| MetastoreError::InvalidRow {
        reason: "it is not an EnvelopeKeyRecord",
    };
    row.map_err(unavailable)?
        .map(|text| EnvelopeKeyRecord::from_json(&text).map_err(invalid))
        .transpose()
}

fn unavailable(thrown: Thrown) -> MetastoreError {
    MetastoreError::Unavailable {
        retryable: !thrown.is_lasting(),
        source: Box::new(thrown),
    }
}

impl KeyManagementService for KmsMethods {
    fn encrypt_key<'a>(&'a self, key: &'a SecretKey) -> BoxFuture<'a, Result<Vec<u8>, KmsError>> {
        Box::pin(async move {
            let key = KeyBytes(Zeroizing::new(key.expose().to_vec()));
            Ok(ask(&self.encrypt_key, key).await?.to_vec())
        })
    }

    fn decrypt_key<'a>(
        &'a self,
        encrypted_key: &'a [u8],
    ) -> BoxFuture<'a, Result<SecretKey, KmsError>> {
        Box::pin(async move {
            let encrypted_key = KeyBytes(Zeroizing::new(encrypted_key.to_vec()));
            let key = ask(&self.decrypt_key, encrypted_key).await?;
            SecretKey::from_slice(&key)
                .ok_or_else(|| KmsError::Refused("decryptKey gave a key of another length".into()))
        })
    }

    /// A user's KMS has no method for it; wrapping a key may cost money.
    fn ping(&self) -> BoxFuture<'_, Result<(), KmsError>> {
        Box::pin(async { Ok(()) })
    }
}

async fn ask(
    method: &Method<KeyBytes, KmsAnswer>,
    bytes: KeyBytes,
) -> Result<Zeroizing<Vec<u8>>, KmsError> {
    match call(method, bytes).await {
        Ok(KmsAnswer::Bytes(KeyBytes(bytes))) => Ok(bytes),
        Ok(KmsAnswer::Refused(error)) => Err(KmsError::Refused(Box::new(Thrown(error)))),
        Err(thrown) => Err(KmsError::Unavailable(Box::new(thrown))),
    }
}

impl ToNapiValue for KeyBytes {
    unsafe fn to_napi_value(env: sys::napi_env, value: Self) -> napi::Result<sys::napi_value> {
        let environment = Env::from_raw(env);
        let copy =
            buffer(&environment, &value.0).map_err(|failure| failure.into_napi(&environment))?;
        Ok(copy.raw())
    }
}

impl FromNapiValue for KmsAnswer {
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> napi::Result<Self> {
        let environment = Env::from_raw(env);
        // SAFETY: the caller's promise: `value` is a live value of `env`.
        let value = unsafe { Unknown::from_napi_value(env, value) }?;
        if let Ok(bytes) = view(&environment, &value, "key") {
            return Ok(Self::Bytes(KeyBytes(Zeroizing::new(bytes.to_vec()))));
        }
        let object = value.coerce_to_object()?;
        let refused: Unknown<'_> = object.get_named_property("refused")?;
        Ok(Self::Refused(napi::Error::from_unknown_without_coercion(
            refused,
        )))
    }
}
