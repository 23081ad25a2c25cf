// The panels of the page: each shows a part of the App and calls it.
#pragma once

#include "web/app/app.h"
#include "web/panels/ui.h"

namespace inoculate::page {

/// Name, networks to choose from, weights, link, help.
void draw_header(App& app, Ui& ui);
/// The pad with its tools, digits to take, and what the network reads.
void draw_pad_panel(App& app, Ui& ui);
/// The attack: settings, pictures, what comes of it.
void draw_attack_panel(App& app, Ui& ui);
/// The inoculation: settings, course, what it bought.
void draw_inoculation_panel(App& app, Ui& ui);
/// An outline around what has the keyboard's focus, which is brought into view.
void draw_focus(Ui& ui);
/// Over everything: the focus, the notice, the help, the tour.
void draw_overlays(App& app, Ui& ui);

/// Whether the panels of a page of this width are stacked, and made for fingers.
bool is_narrow(float width);

/// A second finger came down: whatever the first one had begun is taken back or ended.
void begin_two_fingers(App& app, Ui& ui);

/// All of it, in one frame of ImGui: side by side on a wide page, one below the other on a narrow
/// one.
void draw_page(App& app, Ui& ui);

}  // namespace inoculate::page
