use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};
use vestibule_jose::{
    Algorithm, EncodedStatusList, Expected, Status, StatusList, StatusListClaims, StatusListError, TokenType,
    VerifyError, verify,
};
use vestibule_protocol::Timestamp;

use crate::support::{ISSUER, NOW, issuer, now, signing_key, verifying_keys, with};

/// draft-ietf-oauth-status-list, §4.1: the 16 statuses of the example and their bytes.
const SMALL: [u8; 16] = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1];
const SMALL_BYTES: [u8; 2] = [0xb9, 0xa3];
/// §4.2: the same, encoded.
const SMALL_LST: &str = "eNrbuRgAAhcBXQ";

/// Appendix C.1: 2^20 entries, of which these are set.
const LARGE: [u32; 11] = [
    0, 1993, 25460, 159_495, 495_669, 554_353, 645_645, 723_232, 854_545, 934_534, 1_000_345,
];
const LARGE_LST: &str = "eNrt3AENwCAMAEGogklACtKQPg9LugC9k_ACvreiogE\
                         AAKkeCQAAAAAAAAAAAAAAAAAAAIBylgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
                         AAAAAAAAAAAAAAAAAAAXG9IAAAAAAAAAPwsJAAAAAAAAAAAAAAAvhsSAAAAAAAAAAA\
                         A7KpLAAAAAAAAAAAAAAAAAAAAAJsLCQAAAAAAAAAAADjelAAAAAAAAAAAKjDMAQAAA\
                         ACAZC8L2AEb";

const URI: &str = "https://auth.example.com/oauth/status/1";

fn encoded(bits: u8, lst: &str) -> EncodedStatusList {
    serde_json::from_value(json!({"bits": bits, "lst": lst})).unwrap()
}

fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn the_drafts_small_list_is_written_as_in_the_draft() {
    let mut list = StatusList::all_valid(16);
    for (index, bit) in (0_u32..).zip(SMALL) {
        let status = if bit == 0 { Status::Valid } else { Status::Invalid };
        list.set(index, status).unwrap();
    }
    assert_eq!(list.as_bytes(), SMALL_BYTES);
    assert_eq!(list.encode(), SMALL_LST);
    assert_eq!(StatusList::decode(SMALL_LST), Ok(list));
}

#[test]
fn the_drafts_large_list_reads_as_in_the_draft() {
    let list = encoded(1, LARGE_LST).decode().unwrap();
    assert_eq!(list.as_bytes().len(), (1 << 20) / 8);
    for index in 0..1 << 20 {
        let expected = if LARGE.contains(&index) {
            Status::Invalid
        } else {
            Status::Valid
        };
        assert_eq!(list.get(index), Some(expected), "{index}");
    }
    assert_eq!(StatusList::decode(&list.encode()), Ok(list));
}

#[test]
fn an_index_beyond_the_end_has_no_status() {
    let mut list = StatusList::all_valid(9);
    assert_eq!(list.get(15), Some(Status::Valid));
    assert_eq!(list.get(16), None);
    assert_eq!(list.get(u32::MAX), None);
    assert_eq!(
        list.set(16, Status::Invalid),
        Err(StatusListError::OutOfRange(16))
    );
    assert_eq!(StatusList::default().get(0), None);
}

#[test]
fn setting_one_status_changes_no_other() {
    let mut list = StatusList::from_bytes(vec![0xff; 2]);
    list.set(10, Status::Valid).unwrap();
    assert_eq!(list.as_bytes(), [0xff, 0b1111_1011]);
    list.set(10, Status::Valid).unwrap();
    list.set(10, Status::Invalid).unwrap();
    assert_eq!(list.as_bytes(), [0xff; 2]);
}

#[rstest]
fn several_bits_per_token_are_not_ours(#[values(0, 2, 4, 8, 255)] bits: u8) {
    assert_eq!(
        encoded(bits, "eNo76fITAAPfAgc").decode(),
        Err(StatusListError::UnsupportedBits(bits))
    );
}

#[rstest]
#[case::empty("")]
#[case::padded("eNrbuRgAAhcBXQ==")]
#[case::cut_short("eNrbuRgAAhc")]
#[case::wrong_checksum("eNrbuRgAAhcBXA")]
#[case::gzip("H4sIAAAAAAACA9u5GAAyWQ6_AgAAAA")]
#[case::not_base64url("eNrb+RgA/hcBXQ")]
fn a_damaged_list_is_malformed(#[case] lst: &str) {
    assert_eq!(StatusList::decode(lst), Err(StatusListError::Malformed));
}

#[test]
fn a_decompression_bomb_is_stopped() {
    let bomb = URL_SAFE_NO_PAD.encode(compressed(&vec![0; 8 * 1024 * 1024]));
    assert!(bomb.len() < 16_000);
    assert_eq!(StatusList::decode(&bomb), Err(StatusListError::TooLarge));
    let largest = URL_SAFE_NO_PAD.encode(compressed(&vec![0; 2 * 1024 * 1024]));
    assert!(StatusList::decode(&largest).is_ok());
}

fn list_claims() -> Value {
    json!({
        "iss": ISSUER,
        "sub": URI,
        "iat": NOW,
        "exp": NOW + 60,
        "ttl": 10,
        "status_list": {"bits": 1, "lst": SMALL_LST},
    })
}

fn expected() -> Expected {
    Expected::new(issuer(), TokenType::StatusList).about(URI)
}

fn judge(claims: &Value, at: Timestamp) -> Result<StatusListClaims, VerifyError> {
    let token = signing_key(Algorithm::Es256)
        .sign(TokenType::StatusList, claims)
        .unwrap();
    verify(&token, &verifying_keys(), &expected(), at)
}

#[test]
fn a_status_list_token_is_read_as_it_was_minted() {
    let claims = judge(&list_claims(), now()).unwrap();
    assert_eq!(serde_json::to_value(&claims).unwrap(), list_claims());
    assert_eq!(claims.status_list.decode().unwrap().as_bytes(), SMALL_BYTES);
    assert_eq!(
        claims.status_list,
        EncodedStatusList::from(&StatusList::from_bytes(SMALL_BYTES.to_vec()))
    );
}

#[test]
fn the_sub_claim_must_equal_the_uri_of_the_referenced_token() {
    let other = with(
        list_claims(),
        "sub",
        json!("https://auth.example.com/oauth/status/2"),
    );
    assert_eq!(judge(&other, now()), Err(VerifyError::WrongSubject));
}

#[test]
fn an_old_list_is_not_relied_on_for_ever() {
    let late = Timestamp::from_secs(NOW + 120);
    assert_eq!(judge(&list_claims(), late), Err(VerifyError::Expired));
    let endless = with(list_claims(), "exp", json!(null));
    assert_eq!(judge(&endless, now()), Err(VerifyError::MissingClaim("exp")));
}

#[test]
fn the_largest_list_fits_into_a_token() {
    // Noise does not compress.
    let mut state = 1_u64;
    let mut noise = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    let list = StatusList::from_bytes((0..2 * 1024 * 1024).map(|_| noise()).collect());
    let mut claims = list_claims();
    claims["status_list"] = serde_json::to_value(EncodedStatusList::from(&list)).unwrap();
    assert_eq!(judge(&claims, now()).unwrap().status_list.decode(), Ok(list));
}

proptest! {
    #[test]
    fn a_list_survives_its_encoding(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let list = StatusList::from_bytes(bytes);
        prop_assert_eq!(StatusList::decode(&list.encode()), Ok(list));
    }

    #[test]
    fn decoding_anything_never_panics(lst in "[A-Za-z0-9_-]{0,200}", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = StatusList::decode(&lst);
        let _ = StatusList::decode(&URL_SAFE_NO_PAD.encode(bytes));
    }
}
