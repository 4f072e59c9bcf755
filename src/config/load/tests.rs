use std::collections::HashMap;
use std::fs;

use tempfile::TempDir;

use super::*;

/// A home folder, with variables that point into it.
struct Home {
    folder: TempDir,
    variables: HashMap<&'static str, String>,
    request: Request,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let home = folder.path().to_str().expect("UTF-8").to_owned();
        Self {
            folder,
            variables: HashMap::from([("HOME", home)]),
            request: Request::default(),
        }
    }

    fn file(&self, path: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("created");
        fs::write(&path, text).expect("written");
        path
    }

    fn set(mut self, variable: &'static str, value: &str) -> Self {
        let value = value.replace('~', self.folder.path().to_str().expect("UTF-8"));
        self.variables.insert(variable, value);
        self
    }

    fn load(&self) -> Result<Option<Profile>, ConfigError> {
        load(&self.request, &|name| self.variables.get(name).cloned())
    }

    /// The name and bucket of the profile, `none`, or the error.
    fn outcome(&self) -> String {
        match self.load() {
            Ok(None) => "none".to_owned(),
            Ok(Some(profile)) => format!("{} {:?}", profile.name, profile.objects.store),
            Err(error) => error
                .to_string()
                .replace(self.folder.path().to_str().expect("UTF-8"), "~"),
        }
    }
}

fn profiles(bucket: &str, names: &[&str]) -> String {
    let profile = |name: &&str| {
        format!("[profiles.{name}]\nsource.url = \"postgres://\"\nobjects.bucket = \"{bucket}\"\n")
    };
    names.iter().map(profile).collect::<Vec<_>>().concat()
}

const USUAL: &str = ".config/highwater/config.toml";

#[test]
fn without_any_configuration_there_is_no_profile_and_no_error() {
    assert_eq!(Home::new().outcome(), "none");
    let empty = Home::new()
        .set("HIGHWATER_CONFIG", "")
        .set("HIGHWATER_PROFILE", "");
    assert_eq!(empty.outcome(), "none");
}

#[test]
fn a_flag_goes_before_a_variable_and_that_before_the_usual_place() {
    let mut home = Home::new();
    home.file(USUAL, &profiles("usual", &["dev"]));
    assert_eq!(home.outcome(), r#"dev S3 { bucket: "usual" }"#);

    home.file("xdg/highwater/config.toml", &profiles("xdg", &["dev"]));
    home = home.set("XDG_CONFIG_HOME", "~/xdg");
    assert_eq!(home.outcome(), r#"dev S3 { bucket: "xdg" }"#);

    home.file("variable.toml", &profiles("variable", &["dev"]));
    home = home.set("HIGHWATER_CONFIG", "~/variable.toml");
    assert_eq!(home.outcome(), r#"dev S3 { bucket: "variable" }"#);

    home.request.config = Some(home.file("flag.toml", &profiles("flag", &["dev"])));
    assert_eq!(home.outcome(), r#"dev S3 { bucket: "flag" }"#);
}

#[test]
fn a_profile_is_named_by_flag_then_variable_then_file_and_need_not_be_named_if_it_is_the_only_one()
{
    let mut home = Home::new();
    let all = profiles("b", &["dev", "prod", "test"]);
    home.file(USUAL, &all);
    insta::assert_snapshot!(home.outcome(), @"~/.config/highwater/config.toml has several profiles (dev, prod, test): choose one with --profile, HIGHWATER_PROFILE or default_profile");

    home.file(USUAL, &format!("default_profile = \"test\"\n{all}"));
    assert!(home.outcome().starts_with("test "));
    home = home.set("HIGHWATER_PROFILE", "prod");
    assert!(home.outcome().starts_with("prod "));
    home.request.profile = Some("dev".to_owned());
    assert!(home.outcome().starts_with("dev "));
}

#[test]
fn an_unknown_profile_is_an_error_with_the_nearest_one() {
    let mut home = Home::new().set("HIGHWATER_PROFILE", "prd");
    insta::assert_snapshot!(home.outcome(), @r#"profile "prd" was asked for by HIGHWATER_PROFILE, but there is no configuration at ~/.config/highwater/config.toml; write one with: highwater init"#);
    home.file(USUAL, &profiles("b", &["dev", "prod"]));
    insta::assert_snapshot!(home.outcome(), @r#"~/.config/highwater/config.toml has no profile "prd", asked for by HIGHWATER_PROFILE; did you mean prod?"#);
    home.request.profile = Some("staging".to_owned());
    insta::assert_snapshot!(home.outcome(), @r#"~/.config/highwater/config.toml has no profile "staging", asked for by --profile; it has dev, prod"#);
    home.file(USUAL, "");
    insta::assert_snapshot!(home.outcome(), @"~/.config/highwater/config.toml has no profile; one starts with [profiles.NAME.source]");
}

#[test]
fn a_named_file_has_to_be_there_and_readable() {
    let mut home = Home::new().set("HIGHWATER_CONFIG", "~/nowhere.toml");
    insta::assert_snapshot!(home.outcome(), @"~/nowhere.toml, named by HIGHWATER_CONFIG, does not exist; correct that, or write the file with: highwater init");
    home.request.config = Some(home.folder.path().join("nothing.toml"));
    insta::assert_snapshot!(home.outcome(), @"~/nothing.toml, named by --config, does not exist; correct that, or write the file with: highwater --config ~/nothing.toml init");
    home.request.config = Some(home.folder.path().to_owned());
    insta::assert_snapshot!(home.outcome(), @"~ cannot be read");
}

#[test]
fn the_read_only_flag_holds_for_every_profile() {
    let mut home = Home::new();
    home.file(USUAL, &profiles("b", &["dev"]));
    let safety = |home: &Home| home.load().ok().flatten().map(|profile| profile.safety);
    assert_eq!(safety(&home), Some(Safety::Normal));
    home.request.read_only = true;
    assert_eq!(safety(&home), Some(Safety::ReadOnly));
}

#[test]
fn a_file_about_the_console_alone_is_no_configuration_of_anything_else() {
    let home = Home::new();
    let text = "[console]\ntheme = \"light\"\n";
    home.file(".config/highwater/config.toml", text);
    assert_eq!(home.outcome(), "none");
    let env = |name: &str| home.variables.get(name).cloned();
    let console = load_console(&home.request, &env).expect("a console");
    assert_eq!(console.theme, Some(crate::config::ThemeChoice::Light));
    let asked = Home {
        request: Request {
            profile: Some("dev".to_owned()),
            ..Request::default()
        },
        ..home
    };
    assert!(
        asked.load().is_err(),
        "a profile that is asked for is missed"
    );
}

#[test]
fn the_console_of_the_demo_needs_no_profile_that_makes_sense() {
    let home = Home::new();
    let env = |name: &str| home.variables.get(name).cloned();
    let console = load_console(&home.request, &env).expect("no file");
    assert_eq!(console, ConsoleConfig::default());
    let text = "[console]\ntheme = \"dark\"\n[profiles.dev]\nsafety = \"bold\"\n";
    home.file(".config/highwater/config.toml", text);
    assert!(home.load().is_err());
    let console = load_console(&home.request, &env).expect("a console");
    assert_eq!(console.theme, Some(crate::config::ThemeChoice::Dark));
    home.file(
        ".config/highwater/config.toml",
        "[console]\ntheme = \"bold\"\n",
    );
    assert!(load_console(&home.request, &env).is_err());
}
