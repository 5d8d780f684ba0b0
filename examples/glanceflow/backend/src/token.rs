//! Bearer tokens: JSON Web Tokens signed with HS256 and valid for twelve hours.

use hmac::{Hmac, Mac};
use jsonwebtoken::crypto::{CryptoProvider, JwkUtils, JwtSigner, JwtVerifier};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use signature::{Signer, Verifier};
use time::OffsetDateTime;
use uuid::Uuid;

const LIFETIME_SECONDS: i64 = 12 * 60 * 60;

#[derive(Serialize, Deserialize)]
pub struct Claims {
    pub sub: Uuid,
    pub iat: i64,
    pub exp: i64,
}

/// The answer to a successful login.
#[derive(Serialize)]
pub struct Token {
    token: String,
    token_type: &'static str,
    expires_in: i64,
}

pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

impl Tokens {
    pub fn new(secret: &[u8]) -> Self {
        // Fails only if it was installed before, which is just as well.
        let _ = PROVIDER.install_default();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = 0;
        validation.set_required_spec_claims(&["exp", "sub"]);
        Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            validation,
        }
    }

    pub fn issue(&self, user: Uuid) -> Result<Token, Error> {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let claims = Claims {
            sub: user,
            iat: now,
            exp: now + LIFETIME_SECONDS,
        };
        Ok(Token {
            token: jsonwebtoken::encode(&Header::default(), &claims, &self.encoding)?,
            token_type: "Bearer",
            expires_in: LIFETIME_SECONDS,
        })
    }

    pub fn verify(&self, token: &str) -> Option<Claims> {
        jsonwebtoken::decode(token, &self.decoding, &self.validation)
            .map(|data| data.claims)
            .ok()
    }
}

/// Knows HS256 and nothing else, so that a token cannot choose another algorithm.
static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| {
        Ok(Box::new(Hs256::new(algorithm, key.try_get_hmac_secret()?)?))
    },
    verifier_factory: |algorithm, key| {
        Ok(Box::new(Hs256::new(algorithm, key.try_get_hmac_secret()?)?))
    },
    jwk_utils: JwkUtils::new_unimplemented(),
};

struct Hs256(Hmac<Sha256>);

impl Hs256 {
    fn new(algorithm: &Algorithm, secret: &[u8]) -> Result<Self, Error> {
        if *algorithm != Algorithm::HS256 {
            return Err(ErrorKind::InvalidAlgorithm.into());
        }
        let mac = Hmac::new_from_slice(secret).map_err(|_| ErrorKind::InvalidKeyFormat)?;
        Ok(Self(mac))
    }
}

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        let mac = self.0.clone().chain_update(message);
        Ok(mac.finalize().into_bytes().to_vec())
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let mac = self.0.clone().chain_update(message);
        mac.verify_slice(signature)
            .map_err(|_| signature::Error::new())
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

    fn token(claims: &Claims, secret: &[u8]) -> String {
        jsonwebtoken::encode(
            &Header::default(),
            claims,
            &EncodingKey::from_secret(secret),
        )
        .expect("token")
    }

    #[test]
    fn accepts_its_own_tokens_only() {
        let tokens = Tokens::new(SECRET);
        let user = Uuid::new_v4();
        let issued = tokens.issue(user).expect("token").token;
        assert_eq!(tokens.verify(&issued).map(|claims| claims.sub), Some(user));
        assert!(
            Tokens::new(b"another secret of 32 bytes or so")
                .verify(&issued)
                .is_none()
        );
        assert!(tokens.verify(&issued[..issued.len() - 2]).is_none());
        assert!(tokens.verify("").is_none());
    }

    #[test]
    fn refuses_expired_tokens() {
        let tokens = Tokens::new(SECRET);
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let claims = Claims {
            sub: Uuid::new_v4(),
            iat: now - 60,
            exp: now - 1,
        };
        assert!(tokens.verify(&token(&claims, SECRET)).is_none());
    }

    #[test]
    fn refuses_unsigned_tokens() {
        // {"alg":"none","typ":"JWT"}
        let issued = Tokens::new(SECRET)
            .issue(Uuid::new_v4())
            .expect("token")
            .token;
        let payload = issued.split('.').nth(1).expect("payload");
        let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}.");
        assert!(Tokens::new(SECRET).verify(&unsigned).is_none());
    }

    /// The well-known example of HMAC-SHA256.
    #[test]
    fn signs_like_everybody_else() {
        let mac = Hs256::new(&Algorithm::HS256, b"key").expect("mac");
        let signature = mac
            .try_sign(b"The quick brown fox jumps over the lazy dog")
            .expect("sign");
        let hex: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            hex,
            "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
        );
        assert!(Hs256::new(&Algorithm::HS512, b"key").is_err());
    }
}
