// The controls of web/app/controls.h as the panels draw them.
#pragma once

#include "web/panels/panels.h"

namespace inoculate::page {

/// The button of that name, `width` wide (0: as its label needs), noted in the layout.
void press_control(App& app, Ui& ui, const char* name, float width, bool strong = false);

/// The slider of that name with its name above it: `title`, or else its label.
void range_control(App& app, Ui& ui, const char* name, float width, const char* title = nullptr);

/// The box to tick of that name.
void toggle_control(App& app, Ui& ui, const char* name);

}  // namespace inoculate::page
