use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::SigningKey;

fn signed(key: &SigningKey, message: &str) -> String {
    let mut token = message.to_owned();
    key.signer.append_signature(&mut token).unwrap();
    token
}

fn verifies(key: &SigningKey, token: &str) -> bool {
    let (message, signature) = token.rsplit_once('.').unwrap();
    key.public
        .verifies(message.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap())
}

/// [RFC 7515 A.2](https://www.rfc-editor.org/rfc/rfc7515#appendix-A.2).
#[test]
fn rs256_signs_as_in_rfc_7515_a_2() {
    let jwk = include_str!("../../tests/it/keys/rfc7515-a2.json");
    let key = SigningKey::from_private_jwk(&serde_json::from_str(jwk).unwrap()).unwrap();
    let message = "eyJhbGciOiJSUzI1NiJ9.\
                   eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt\
                   cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let signature = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7\
                     AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4\
                     BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K\
                     0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqv\
                     hJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrB\
                     p0igcN_IoypGlUPQGe77Rw";
    let token = format!("{message}.{signature}");
    assert_eq!(signed(&key, message), token);
    assert!(verifies(&key, &token));
}

/// [RFC 7515 A.3](https://www.rfc-editor.org/rfc/rfc7515#appendix-A.3); ECDSA signs differently each time.
#[test]
fn es256_verifies_as_in_rfc_7515_a_3() {
    let key = SigningKey::from_private_jwk(&json!({
        "kty": "EC",
        "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
    }))
    .unwrap();
    let message = "eyJhbGciOiJFUzI1NiJ9.\
                   eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt\
                   cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA\
                     pmWQxfKTUJqPP3-Kg6NU1Q";
    assert!(verifies(&key, &format!("{message}.{signature}")));
    assert!(!verifies(&key, &format!("{message}A.{signature}")));
    assert!(verifies(&key, &signed(&key, message)));
}

/// [RFC 8037 A.4](https://www.rfc-editor.org/rfc/rfc8037#appendix-A.4).
#[test]
fn eddsa_signs_as_in_rfc_8037_a_4() {
    let key = SigningKey::from_private_jwk(&json!({
        "kty": "OKP",
        "crv": "Ed25519",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    }))
    .unwrap();
    let message = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    let token = format!("{message}.{signature}");
    assert_eq!(signed(&key, message), token);
    assert!(verifies(&key, &token));
}
