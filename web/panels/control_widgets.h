// The controls of web/app/controls.h as the panels draw them.
#pragma once

#include "web/panels/panels.h"

namespace inoculate::page {

/// The button of that name, `width` wide (0: as its label needs), noted in the layout.
void press_control(App& app, Ui& ui, const char* name, float width, bool strong = false);

/// The button of that name as an item of a list that opens.
void item_control(App& app, Ui& ui, const char* name);

/// Whether there is a control of that name now.
bool shows(const App& app, const char* name);

/// The button of that name as an arrow.
void arrow_control(App& app, Ui& ui, const char* name, ImGuiDir direction);

/// The slider of that name alone, without name and value.
void bare_range_control(App& app, Ui& ui, const char* name, float width);

/// The slider of that name with its name above it: `title`, or else its label.
void range_control(App& app, Ui& ui, const char* name, float width, const char* title = nullptr);

/// The box to tick of that name.
void toggle_control(App& app, Ui& ui, const char* name);

}  // namespace inoculate::page
