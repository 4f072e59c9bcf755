//! Another program at work on the same stores, which knows nothing of highwater.

use std::path::PathBuf;

use bytes::Bytes;
use highwater::backend::parameters::local::LocalParameters;
use highwater::backend::parameters::{NewValue, ParameterStore as _};
use highwater::config::{ObjectStoreConfig, ParameterStoreConfig, Profile};
use highwater::vocabulary::ParameterName;

use super::{Emulator, Stage, profile};

/// Writes and deletes values and objects like a script or a Lambda: without Description, without
/// metadata, and overwriting whatever exists.
pub struct Outsider {
    profile: Profile,
    emulator: Option<Emulator>,
}

impl Stage {
    /// Another program, on the stores of this stage.
    pub fn outsider(&self) -> Outsider {
        Outsider {
            profile: profile(&self.sandbox),
            emulator: self.emulator.clone(),
        }
    }
}

impl Outsider {
    pub async fn put_parameter(&self, name: &str, value: &str) {
        let Some(emulator) = &self.emulator else {
            let store = LocalParameters::new(&self.parameters());
            let name = ParameterName::new(name);
            let put = store.put(&name, NewValue::over(value, "")).await;
            put.expect("written");
            return;
        };
        let put = emulator.ssm().put_parameter().name(name).value(value);
        let put = put.r#type(aws_sdk_ssm::types::ParameterType::String);
        put.overwrite(true).send().await.expect("written");
    }

    pub async fn delete_parameter(&self, name: &str) {
        let Some(emulator) = &self.emulator else {
            let store = LocalParameters::new(&self.parameters());
            let deleted = store.delete(&ParameterName::new(name)).await;
            deleted.expect("deleted");
            return;
        };
        let delete = emulator.ssm().delete_parameter().name(name);
        delete.send().await.expect("deleted");
    }

    pub async fn put_object(&self, key: &str, body: &str) {
        let Some(emulator) = &self.emulator else {
            let path = self.objects().join(key);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, body).expect("written");
            return;
        };
        let put = emulator.s3().put_object().bucket(self.bucket()).key(key);
        let body = Bytes::copy_from_slice(body.as_bytes());
        put.body(body.into()).send().await.expect("written");
    }

    pub async fn delete_object(&self, key: &str) {
        let Some(emulator) = &self.emulator else {
            std::fs::remove_file(self.objects().join(key)).expect("deleted");
            return;
        };
        let delete = emulator.s3().delete_object().bucket(self.bucket()).key(key);
        delete.send().await.expect("deleted");
    }

    /// Every object's key and body, as another program reads them.
    pub async fn read_objects(&self) -> Vec<(String, String)> {
        let mut objects = Vec::new();
        let Some(emulator) = &self.emulator else {
            let root = self.objects();
            read_below(&root, &root, &mut objects);
            objects.sort();
            return objects;
        };
        let s3 = emulator.s3();
        let list = s3.list_objects_v2().bucket(self.bucket()).send().await;
        for object in list.expect("a list").contents() {
            let key = object.key().expect("a key");
            let got = s3.get_object().bucket(self.bucket()).key(key).send().await;
            let body = got
                .expect("an object")
                .body
                .collect()
                .await
                .expect("a body");
            let text = String::from_utf8(body.to_vec()).expect("text");
            objects.push((key.to_owned(), text));
        }
        objects
    }

    /// The bucket of the profile.
    pub fn bucket(&self) -> &str {
        match &self.profile.objects.store {
            ObjectStoreConfig::S3 { bucket } => bucket,
            ObjectStoreConfig::Local { .. } => panic!("no bucket"),
        }
    }

    fn objects(&self) -> PathBuf {
        match &self.profile.objects.store {
            ObjectStoreConfig::Local { path } => path.clone(),
            ObjectStoreConfig::S3 { .. } => panic!("no folder"),
        }
    }

    fn parameters(&self) -> PathBuf {
        match &self.profile.parameters.store {
            ParameterStoreConfig::Local { path } => path.clone(),
            ParameterStoreConfig::Ssm => panic!("no file"),
        }
    }
}

fn read_below(
    root: &std::path::Path,
    folder: &std::path::Path,
    objects: &mut Vec<(String, String)>,
) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let key = path
            .strip_prefix(root)
            .expect("below")
            .display()
            .to_string();
        if key.starts_with(".highwater") {
            continue;
        }
        if path.is_dir() {
            read_below(root, &path, objects);
        } else {
            objects.push((key, std::fs::read_to_string(path).expect("text")));
        }
    }
}
