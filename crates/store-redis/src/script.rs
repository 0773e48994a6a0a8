//! The scripts, one file each.

use std::sync::LazyLock;

/// Names the scripts and their files.
macro_rules! scripts {
    ($($name:ident $file:literal,)*) => {
        /// A verb that Redis decides.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Script {
            $(#[doc = concat!("`scripts/", $file, ".lua`")] $name,)*
        }

        impl Script {
            /// All of them.
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its text.
            pub(crate) fn text(self) -> &'static str {
                match self {
                    $(Self::$name => include_str!(concat!("scripts/", $file, ".lua")),)*
                }
            }

            /// The name under which Redis knows it once it is loaded.
            pub(crate) fn hash(self) -> &'static str {
                match self {
                    $(Self::$name => {
                        static HASH: LazyLock<String> =
                            LazyLock::new(|| redis::Script::new(Script::$name.text()).get_hash().to_owned());
                        &HASH
                    })*
                }
            }
        }
    };
}

scripts! {
    AdvanceAuthorization "advance_authorization",
    AllotStatus "allot_status",
    BeginDevice "begin_device",
    BlockClient "block_client",
    CheckLimit "check_limit",
    ClaimUpstream "claim_upstream",
    DecideDevice "decide_device",
    DeleteClient "delete_client",
    EndSession "end_session",
    EndUpstream "end_upstream",
    ForgetDocument "forget_document",
    EnterDevice "enter_device",
    HoldUpstream "hold_upstream",
    Index "index",
    JudgeDocument "judge_document",
    OpenSession "open_session",
    PutDocument "put_document",
    PollDevice "poll_device",
    RedeemCode "redeem_code",
    RegisterClient "register_client",
    Remember "remember",
    ReplaceClient "replace_client",
    RotateSession "rotate_session",
    SetStatus "set_status",
    SettleUpstream "settle_upstream",
    SwapKeys "swap_keys",
    TakeAuthorization "take_authorization",
    TouchClient "touch_client",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_script_says_what_it_takes_and_what_it_returns() {
        for script in Script::ALL {
            let head: String = script
                .text()
                .lines()
                .take_while(|line| line.starts_with("--"))
                .collect();
            for part in ["KEYS[1]", "ARGV[1]", "Returns "] {
                assert!(head.contains(part), "{script:?} does not tell of {part}");
            }
        }
    }

    #[test]
    fn every_file_is_a_script() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/scripts");
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), Script::ALL.len());
    }
}
