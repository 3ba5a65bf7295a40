//! The window comes back as it was left.

use counterfoil_tests::window::{Frame, Geometry, Outcome};
use serde_json::{Value, json};

use crate::shop::{Register, Shop};

/// Where somebody has put the window.
const LEFT: Geometry = Geometry {
    left: 140,
    top: 90,
    width: 1104,
    height: 736,
};

/// What the program wrote about its window, changed by `change`.
fn remembered(register: &Register, change: impl FnOnce(&mut Value)) {
    let config = register.place.config().join("org.counterfoil.till");
    let file = config.join(".window-state.json");
    let text = std::fs::read(&file).expect("the window's state is kept");
    let mut state = serde_json::from_slice(&text).expect("it is JSON");
    change(&mut state);
    std::fs::write(&file, state.to_string()).expect("written");
}

#[test]
fn the_window_comes_back_where_it_was_and_as_large() -> Outcome {
    let shop = Shop::open();
    let register = shop.register("A");
    let window = Frame::open(&register.place)?;
    window.place(LEFT)?;
    assert!(window.close()?.success(), "closing it is no failure");

    let window = Frame::open(&register.place)?;
    window.stands(|here| here == LEFT)?;
    assert!(window.close()?.success());

    remembered(&register, |state| state["main"]["maximized"] = json!(true));
    let mut window = Frame::open(&register.place)?;
    window.asks_to_be_maximised()?;
    assert!(window.close()?.success());
    Ok(())
}

#[test]
fn a_window_never_comes_back_where_nobody_can_see_it() -> Outcome {
    let shop = Shop::open();
    let register = shop.register("A");
    assert!(Frame::open(&register.place)?.close()?.success());

    // It stood on a second screen that is not there any more, and was larger than the one that is left.
    remembered(&register, |state| {
        let far = json!({ "x": 40_000, "y": 30_000, "width": 9_000, "height": 7_000 });
        for (name, value) in far.as_object().expect("an object") {
            state["main"][name] = value.clone();
        }
        // Nor is it hidden, whatever it was when it was written.
        state["main"]["visible"] = json!(false);
    });
    let window = Frame::open(&register.place)?;
    // As large as the screen, and no part of it beside it.
    let (width, height) = window.display();
    let whole = Geometry {
        left: 0,
        top: 0,
        width,
        height,
    };
    window.stands(|here| here == whole)?;
    assert!(window.close()?.success());
    Ok(())
}
