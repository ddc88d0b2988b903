//! `dehusk.toml`: found where it may be, and never believed where a stranger may have put it.

use super::{BODY, PAGE, Place};

#[test]
fn options_come_from_the_nearest_file() {
    let place = Place::new();
    place.write("a.txt", PAGE).write("sub/b.txt", PAGE).write("dehusk.toml", "ignore = [\"newsletter-signup\"]\n");
    assert_eq!(place.run(&["clean", "-q", "a.txt"]).out, PAGE);
    assert_eq!(place.shell("cd sub && $DEHUSK clean -q b.txt").out, PAGE);
    assert_eq!(place.run(&["clean", "-q", "--isolated", "a.txt"]).out, BODY);
    // What is typed in goes first.
    assert_eq!(place.run(&["clean", "-q", "--ignore", "tags", "a.txt"]).out, BODY);
    place.write("other.toml", "extend = \"dehusk.toml\"\nlevel = \"gentle\"\n");
    assert_eq!(place.run(&["clean", "-q", "--config", "other.toml", "a.txt"]).out, PAGE);
}

#[test]
fn a_file_inside_the_input_is_not_read() {
    let place = Place::new();
    place.write("in/a.txt", PAGE).write("in/dehusk.toml", "ignore = [\"newsletter-signup\"]\n");
    place.shell("cd in && $DEHUSK clean . -o ../out -q").is(0, "");
    assert_eq!(place.text("out/a.txt"), BODY);
}

#[test]
fn mistakes_are_pointed_at() {
    let place = Place::new();
    place.write("a.txt", PAGE);
    for (text, said) in [
        ("level = \"balanced\"\nlevle = \"gentle\"\n", "'dehusk.toml' line 2: unknown field `levle`"),
        ("level = \"much\"\n", "line 1: unknown variant `much`"),
        ("max-removed = 140\n", "percentage"),
        ("max-loss = -1\n", "max-loss is a percentage"),
        ("extend = \"dehusk.toml\"\n", "extend each other"),
    ] {
        place.write("dehusk.toml", text);
        place.run(&["clean", "a.txt", "--config", "dehusk.toml"]).is(2, said);
    }
    place.run(&["clean", "a.txt", "--config", "none.toml"]).is(2, "cannot read the configuration 'none.toml'");
}
