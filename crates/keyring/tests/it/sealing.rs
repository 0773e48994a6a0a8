use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::jwe::{A256GCMKW, A256KW, Dir, JweEncrypter, JweHeader, serialize_compact};
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};
use vestibule_keyring::{MasterSecret, OpenError, SealedBox, Sealer};

use crate::support::secret;

const HERE: &str = "signing-keys";
const TEXT: &[u8] = b"the private keys";

fn sealer(current: &MasterSecret, previous: &[MasterSecret]) -> Sealer {
    Sealer::new(current, previous).unwrap()
}

fn ours() -> Sealer {
    sealer(&secret(1), &[])
}

fn sealed() -> SealedBox {
    ours().seal(HERE, TEXT).unwrap()
}

fn segments(sealed: &SealedBox) -> [String; 5] {
    sealed
        .as_str()
        .split('.')
        .map(str::to_owned)
        .collect::<Vec<_>>()
        .try_into()
        .unwrap()
}

fn header(sealed: &SealedBox) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(&segments(sealed)[0]).unwrap()).unwrap()
}

fn with_segment(sealed: &SealedBox, index: usize, segment: &str) -> SealedBox {
    let mut segments = segments(sealed);
    segment.clone_into(&mut segments[index]);
    SealedBox::parse(&segments.join(".")).unwrap()
}

/// Seals as somebody would who has the key and means harm, or josekit's defaults.
fn sealed_otherwise(encrypter: &dyn JweEncrypter, enc: &str, zip: Option<&str>) -> SealedBox {
    let mut header = JweHeader::new();
    header.set_content_encryption(enc);
    header.set_claim("ctx", Some(json!(HERE))).unwrap();
    header.set_key_id(secret(1).id());
    if let Some(zip) = zip {
        header.set_compression(zip);
    }
    SealedBox::parse(&serialize_compact(TEXT, &header, encrypter).unwrap()).unwrap()
}

fn sealing_key() -> Vec<u8> {
    secret(1).derive("sealing key").to_vec()
}

#[test]
fn what_is_sealed_opens_in_its_place() {
    assert_eq!(ours().open(HERE, &sealed()).unwrap(), TEXT);
    assert_eq!(ours().open("", &ours().seal("", b"").unwrap()).unwrap(), b"");
}

#[test]
fn a_box_says_how_it_is_sealed_and_where_it_belongs() {
    let header = header(&sealed());
    assert_eq!(header["alg"], "A256GCMKW");
    assert_eq!(header["enc"], "A256GCM");
    assert_eq!(header["kid"], secret(1).id());
    assert_eq!(header["ctx"], HERE);
    assert_eq!(header.as_object().unwrap().len(), 6);
}

#[test]
fn the_same_text_is_never_sealed_the_same() {
    assert_ne!(sealed(), sealed());
}

#[test]
fn a_box_moved_to_another_place_does_not_open() {
    for elsewhere in ["", "signing-keys-2", "Signing-Keys", "sessions:1"] {
        assert_eq!(ours().open(elsewhere, &sealed()), Err(OpenError::WrongContext));
    }
}

#[test]
fn two_boxes_cannot_be_swapped_by_exchanging_their_headers() {
    let other = ours().seal("sessions:1", b"another text").unwrap();
    let swapped = with_segment(&sealed(), 0, &segments(&other)[0]);
    assert_eq!(ours().open(HERE, &swapped), Err(OpenError::Tampered));
    assert_eq!(ours().open("sessions:1", &swapped), Err(OpenError::Tampered));
}

#[test]
fn the_context_is_bound_by_the_tag() {
    let mut moved = header(&sealed());
    moved["ctx"] = json!("sessions:1");
    let moved = with_segment(&sealed(), 0, &URL_SAFE_NO_PAD.encode(moved.to_string()));
    assert_eq!(ours().open("sessions:1", &moved), Err(OpenError::Tampered));
}

#[test]
fn another_secret_does_not_open() {
    let unknown = OpenError::UnknownSecret(secret(1).id().to_owned());
    assert_eq!(
        sealer(&secret(2), &[]).open(HERE, &sealed()),
        Err(unknown.clone())
    );
    assert_eq!(
        sealer(&secret(2), &[secret(3)]).open(HERE, &sealed()),
        Err(unknown)
    );
}

#[test]
fn a_box_that_claims_another_secret_does_not_open_under_it() {
    let mut claimed = header(&sealed());
    claimed["kid"] = json!(secret(2).id());
    let claimed = with_segment(&sealed(), 0, &URL_SAFE_NO_PAD.encode(claimed.to_string()));
    assert_eq!(
        sealer(&secret(2), &[secret(1)]).open(HERE, &claimed),
        Err(OpenError::Tampered)
    );
}

#[test]
fn a_previous_secret_opens_and_a_new_one_seals() {
    let old = sealed();
    let rotated = sealer(&secret(2), &[secret(3), secret(1)]);
    assert_eq!(rotated.open(HERE, &old).unwrap(), TEXT);
    assert!(!rotated.is_current(&old));
    let new = rotated.seal(HERE, TEXT).unwrap();
    assert!(rotated.is_current(&new));
    assert!(sealer(&secret(2), &[]).open(HERE, &new).is_ok());
    assert!(ours().open(HERE, &new).is_err());
}

#[rstest]
fn a_weaker_content_encryption_is_refused(
    #[values("A128GCM", "A192GCM", "A128CBC-HS256", "A256CBC-HS512")] enc: &str,
) {
    let encrypter = A256GCMKW.encrypter_from_bytes(sealing_key()).unwrap();
    let weaker = sealed_otherwise(&encrypter, enc, None);
    assert!(matches!(
        ours().open(HERE, &weaker),
        Err(OpenError::Malformed | OpenError::Downgraded)
    ));
    assert_eq!(
        ours()
            .open(HERE, &sealed_otherwise(&encrypter, "A256GCM", None))
            .unwrap(),
        TEXT
    );
}

#[test]
fn another_key_encryption_is_refused() {
    let wrapped = A256KW.encrypter_from_bytes(sealing_key()).unwrap();
    let refused = ours().open(HERE, &sealed_otherwise(&wrapped, "A256GCM", None));
    assert_eq!(refused, Err(OpenError::Malformed));
    let direct = Dir.encrypter_from_bytes(sealing_key()).unwrap();
    let refused = ours().open(HERE, &sealed_otherwise(&direct, "A256GCM", None));
    assert_eq!(refused, Err(OpenError::Malformed));
}

#[rstest]
#[case("alg", "A128GCMKW")]
#[case("alg", "dir")]
#[case("enc", "A128GCM")]
#[case("enc", "A256CBC-HS512")]
fn an_algorithm_written_over_is_refused(#[case] name: &str, #[case] value: &str) {
    let mut weaker = header(&sealed());
    weaker[name] = json!(value);
    let weaker = with_segment(&sealed(), 0, &URL_SAFE_NO_PAD.encode(weaker.to_string()));
    assert_eq!(ours().open(HERE, &weaker), Err(OpenError::Downgraded));
}

#[test]
fn a_compressed_box_is_refused() {
    let encrypter = A256GCMKW.encrypter_from_bytes(sealing_key()).unwrap();
    let compressed = sealed_otherwise(&encrypter, "A256GCM", Some("DEF"));
    assert_eq!(ours().open(HERE, &compressed), Err(OpenError::Malformed));
}

#[test]
fn a_header_with_anything_more_or_twice_is_refused() {
    let whole = header(&sealed()).to_string();
    let whole = whole.trim_end_matches('}');
    for more in [
        r#""crit":["exp"]"#,
        r#""p2c":1"#,
        r#""ctx":"signing-keys""#,
        r#""kid":"x""#,
    ] {
        let header = URL_SAFE_NO_PAD.encode(format!("{whole},{more}}}"));
        let opened = ours().open(HERE, &with_segment(&sealed(), 0, &header));
        assert_eq!(opened, Err(OpenError::Malformed), "{more}");
    }
}

#[rstest]
fn a_tag_cut_short_is_refused_however_it_was_guessed(#[values(1, 4, 8, 12, 15)] octets: usize) {
    let sealed = sealed();
    let tag = URL_SAFE_NO_PAD.decode(&segments(&sealed)[4]).unwrap();
    let cut = URL_SAFE_NO_PAD.encode(&tag[..octets]);
    // OpenSSL takes the first octets of the true tag for a true tag; so does josekit.
    let cut_outside = with_segment(&sealed, 4, &cut);
    let decrypter = A256GCMKW.decrypter_from_bytes(sealing_key()).unwrap();
    if octets >= 4 {
        assert!(josekit::jwe::deserialize_compact(cut_outside.as_str(), &decrypter).is_ok());
    }
    assert_eq!(ours().open(HERE, &cut_outside), Err(OpenError::Downgraded));
    let mut header = header(&sealed);
    let wrapped = URL_SAFE_NO_PAD.decode(header["tag"].as_str().unwrap()).unwrap();
    header["tag"] = json!(URL_SAFE_NO_PAD.encode(&wrapped[..octets]));
    let cut_inside = with_segment(&sealed, 0, &URL_SAFE_NO_PAD.encode(header.to_string()));
    assert_eq!(ours().open(HERE, &cut_inside), Err(OpenError::Downgraded));
}

#[rstest]
#[case::nothing("")]
#[case::a_word("sealed")]
#[case::a_jws("e30.e30.AA")]
#[case::six_segments("e30.AA.AA.AA.AA.AA")]
#[case::json(r#"{"protected":"e30"}"#)]
#[case::padded("e30=.AA.AA.AA.AA")]
fn what_is_no_compact_jwe_is_no_box(#[case] text: &str) {
    assert_eq!(SealedBox::parse(text), Err(OpenError::Malformed));
    assert!(serde_json::from_value::<SealedBox>(json!(text)).is_err());
}

#[rstest]
#[case::no_header("....")]
#[case::an_empty_header("e30....")]
#[case::a_header_that_is_no_json("AAAA.AA.AA.AA.AA")]
fn an_empty_box_is_malformed(#[case] text: &str) {
    assert_eq!(
        ours().open(HERE, &SealedBox::parse(text).unwrap()),
        Err(OpenError::Malformed)
    );
}

#[test]
fn a_box_is_stored_as_its_text() {
    let sealed = sealed();
    let stored = serde_json::to_value(&sealed).unwrap();
    assert_eq!(stored, json!(sealed.as_str()));
    assert_eq!(serde_json::from_value::<SealedBox>(stored).unwrap(), sealed);
}

#[test]
fn what_is_printed_shows_no_key_and_no_text() {
    let printed = format!("{:?} {:?}", ours(), sealed());
    assert!(!printed.contains("private_key"), "{printed}");
    assert!(!printed.contains(segments(&sealed())[3].as_str()), "{printed}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn anything_survives_sealing(context in ".{0,40}", plaintext in prop::collection::vec(any::<u8>(), 0..2000)) {
        let sealed = ours().seal(&context, &plaintext).unwrap();
        prop_assert_eq!(ours().open(&context, &sealed), Ok(plaintext));
    }

    #[test]
    fn a_changed_character_anywhere_is_found(
        at in any::<prop::sample::Index>(),
        to in prop::sample::select(b"ABYZabyz0189-_".to_vec()),
    ) {
        let sealed = sealed();
        let mut changed = sealed.as_str().as_bytes().to_vec();
        let at = at.index(changed.len());
        prop_assume!(changed[at] != b'.' && changed[at] != to);
        changed[at] = to;
        let changed = SealedBox::parse(&String::from_utf8(changed).unwrap()).unwrap();
        // The last character of a segment may hold bits that decode to nothing; whatever opens is the same text.
        if let Ok(opened) = ours().open(HERE, &changed) {
            prop_assert_eq!(opened, TEXT);
        }
    }
}
