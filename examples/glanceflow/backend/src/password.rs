//! Passwords: Argon2id on threads of their own, a few at a time.

use std::sync::Arc;
use std::thread::available_parallelism;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tracing::error;

use crate::error::ApiError;

/// 19 MiB and two passes: the first choice of the OWASP password storage recommendations.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

pub struct Passwords {
    argon2: Argon2<'static>,
    /// Half of the processors: a burst of logins must leave the others to everybody else.
    permits: Arc<Semaphore>,
    /// Verified in place of the hash of a user that does not exist, which takes the same time.
    decoy: String,
}

impl Passwords {
    pub fn new() -> Result<Self, argon2::password_hash::Error> {
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let decoy = argon2.hash_password(b"decoy")?.to_string();
        let processors = available_parallelism().map_or(1, |count| count.get());
        Ok(Self {
            argon2,
            permits: Arc::new(Semaphore::new((processors / 2).max(1))),
            decoy,
        })
    }

    pub async fn hash(&self, password: String) -> Result<String, ApiError> {
        let argon2 = self.argon2.clone();
        self.run(move || argon2.hash_password(password.as_bytes()))
            .await?
            .map(|hash| hash.to_string())
            .map_err(|_| ApiError::Internal)
    }

    /// Without a hash the answer is no, but it takes as long as with one.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, ApiError> {
        let argon2 = self.argon2.clone();
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.decoy.clone());
        let matches = self
            .run(move || {
                let hash = PasswordHash::new(&hash)?;
                Ok(argon2.verify_password(password.as_bytes(), &hash).is_ok())
            })
            .await?
            .map_err(|_: argon2::password_hash::phc::Error| {
                error!("a stored password hash is malformed");
                ApiError::Internal
            })?;
        Ok(matches && known)
    }

    /// The permit moves into the thread: a caller that gives up does not stop the work.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let permit = Arc::clone(&self.permits)
            .acquire_owned()
            .await
            .map_err(|_| ApiError::Unavailable)?;
        spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        })
        .await
        .map_err(|_| ApiError::Internal)
    }
}
