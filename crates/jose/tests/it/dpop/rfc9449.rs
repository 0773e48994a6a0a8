//! The examples of [RFC 9449](https://www.rfc-editor.org/rfc/rfc9449), as they stand there.

use vestibule_jose::dpop::{Demand, ProofError, verify};
use vestibule_protocol::Timestamp;

use super::{demand, uri};

/// Section 4.1.
const TOKEN_REQUEST: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6Ik\
    VDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCR\
    nMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JE\
    QSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIj\
    oiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwia\
    WF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg\
    4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";

/// Section 7.1.
const RESOURCE_REQUEST: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6Ik\
    VDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCR\
    nMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JE\
    QSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIj\
    oiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0Z\
    WRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNF\
    c05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71E\
    OptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";
const ACCESS_TOKEN: &str = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";

/// Section 6.1: the thumbprint in `cnf`.
const THUMBPRINT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

#[test]
fn the_proof_of_the_token_request_holds() {
    let uri = uri("https://server.example.com/token");
    let proof = verify(TOKEN_REQUEST, &demand(&uri), Timestamp::from_secs(1_562_262_616)).unwrap();
    assert_eq!(proof.thumbprint.to_string(), THUMBPRINT);
    assert_eq!(proof.jti, "-BwC3ESc6acc2lTc");
}

#[test]
fn the_proof_of_the_resource_request_holds_with_its_token_alone() {
    let uri = uri("https://resource.example.org/protectedresource?page=2#top");
    let demand = Demand {
        method: "GET",
        access_token: Some(ACCESS_TOKEN),
        ..demand(&uri)
    };
    let now = Timestamp::from_secs(1_562_262_619);
    let proof = verify(RESOURCE_REQUEST, &demand, now).unwrap();
    assert_eq!(proof.thumbprint.to_string(), THUMBPRINT);
    let other = Demand {
        access_token: Some("another"),
        ..demand
    };
    assert_eq!(verify(RESOURCE_REQUEST, &other, now), Err(ProofError::TokenHash));
}
