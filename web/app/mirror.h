// The page without its canvas: what it shows and what can be done, as JSON of which site/mirror.js
// makes HTML, and what comes back from there.
#pragma once

#include "web/app/app.h"
#include "web/json/json.h"

namespace inoculate::page {

/// [{name, title, items}], a section a panel. An item has a `kind` and a `name`; a control also
/// `label`, `full` (the label and more), and whether it is `enabled`:
///   button
///   toggle    on
///   range     low, high, step, value, text (the value as it is told)
///   choice    options: [{label, enabled}], chosen: its number
///   text      text, alarm: whether it tells of something that went wrong
///   progress  label, share: 0..1
///   table     title, head: [text], rows: [[text]], of which the first names the row
///   pad       label, x and y: where the keyboard's pen is, 0..1, down
///   picture   label, pixels: 784 bytes in base64url; only where `pictures`
Json mirror_json(const App& app, bool pictures);

/// Presses or sets a control: `value` is nothing for a button, true or false for a toggle, a number
/// for a range, an index for a choice. Throws Error when there is no such control now, or not with
/// such a value.
void use_control(App& app, const Json& argument);

/// Moves the keyboard's pen over the pad, {x, y, down}: it draws while it is down.
void move_pen(App& app, const Json& argument);

}  // namespace inoculate::page
