//! One connection, taken from its pool for one call.

use sqlx::pool::PoolConnection;
use sqlx::{Database, Pool};
use tokio::runtime::Handle;

use super::failure::leaves_connection_usable;

/// A connection that goes back to its pool only after a call that was answered in full.
///
/// A caller that stops waiting drops the call in its middle: the answer would be taken for that
/// of the next call. Such a connection is closed, and the pool opens another.
pub(crate) struct Checkout<DB: Database> {
    connection: Option<PoolConnection<DB>>,
    runtime: Handle,
    is_answered: bool,
}

impl<DB: Database> Checkout<DB> {
    /// Waits for a connection, for as long as the pool's options allow.
    ///
    /// # Errors
    /// Those of the driver.
    pub(crate) async fn from(pool: &Pool<DB>) -> Result<Self, sqlx::Error> {
        Ok(Self {
            connection: Some(pool.acquire().await?),
            runtime: Handle::current(),
            is_answered: false,
        })
    }

    /// The connection.
    pub(crate) fn connection(&mut self) -> &mut DB::Connection {
        self.connection
            .as_mut()
            .expect("only drop takes the connection out")
    }

    /// Ends the call with what the server answered.
    ///
    /// # Errors
    /// `outcome`'s.
    pub(crate) fn end<T>(mut self, outcome: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        self.is_answered = match &outcome {
            Ok(_) => true,
            Err(error) => leaves_connection_usable(error),
        };
        outcome
    }
}

impl<DB: Database> Drop for Checkout<DB> {
    fn drop(&mut self) {
        // The pool tests or closes the connection in a task; whoever drops a call may be outside
        // of the runtime.
        let _entered = self.runtime.enter();
        if let Some(mut connection) = self.connection.take() {
            if !self.is_answered {
                connection.close_on_drop();
            }
            drop(connection);
        }
    }
}
