//! Several providers, and a person who has to choose, in a real Chromium.

use serde_json::json;
use vestibule_tests::{OidcProvider, Ports, Program, ThirdParty, Upstream};

#[test]
fn a_person_chooses_where_to_sign_in() {
    let ports = Ports::free();
    let callbacks = json!([ports.callback("work"), ports.callback("home")]);
    let upstream = OidcProvider::coming_back_to(&ports.callback("work"))
        .client("redirect_uris", callbacks)
        .client("post_logout_redirect_uris", json!([ports.after_logout()]))
        .start();
    let home = upstream.section("home", "");
    // Comes back by a form that the browser posts from another site.
    let work = upstream.section("work", "response_mode = \"form_post\"");
    let program = Program::serve(ports, &format!("{home}{work}"));
    ThirdParty::node("browser/chooser.mjs").run(&program).must_show(&[
        "offers every provider by its name",
        "goes to the one that was chosen, and back to the app",
        "leaves the provider too, and comes back",
        "offers the one that was used last first",
        "goes straight to the one that the app names",
    ]);
}
