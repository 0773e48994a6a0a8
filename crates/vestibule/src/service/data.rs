//! The data directory and the master secret in it.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use vestibule_broker::{Entropy, MasterSecrets, SystemEntropy};
use vestibule_keyring::MasterSecret;
use vestibule_protocol::Secret;

/// Makes the directory, for this user alone, and sees that files can be written in it.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let probe = folder.join(".writable");
    fs::write(&probe, [])?;
    fs::remove_file(&probe)
}

/// The master secret of a data directory, made on first start; without a directory, one for this run alone.
pub(crate) fn master_secret(folder: Option<&Path>) -> anyhow::Result<MasterSecrets> {
    let entropy: &dyn Entropy = &SystemEntropy;
    let text = match folder {
        None => entropy.secret(),
        Some(folder) => kept_secret(&folder.join("master.secret"), entropy)?,
    };
    Ok(MasterSecrets {
        current: MasterSecret::parse(text.expose())?,
        previous: Vec::new(),
    })
}

fn kept_secret(path: &Path, entropy: &(dyn Entropy + 'static)) -> anyhow::Result<Secret> {
    let fresh = entropy.secret();
    match OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
    {
        Ok(mut file) => {
            file.write_all(fresh.expose().as_bytes())
                .and_then(|()| file.sync_all())
                .with_context(|| format!("cannot write {}", path.display()))?;
            Ok(fresh)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let mode = fs::metadata(path)?.mode();
            if mode & 0o077 != 0 {
                bail!("{} can be read by others; run: chmod 600 {0}", path.display());
            }
            let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            Ok(Secret::new(text.trim()))
        }
        Err(error) => Err(error).with_context(|| format!("cannot write {}", path.display())),
    }
}
