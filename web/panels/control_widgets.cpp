#include "web/panels/control_widgets.h"

#include <cassert>
#include <string>

#include "web/app/controls.h"
#include "web/panels/widgets.h"

namespace inoculate::page {
namespace {

const Control& control_named(const char* name) {
  const Control* const found = find_control(name);
  assert(found != nullptr);
  return *found;
}

}  // namespace

void press_control(App& app, Ui& ui, const char* name, float width, bool strong) {
  const Control& control = control_named(name);
  if (button(control.label.c_str(), width, control.is_enabled(app), strong)) {
    std::get<Press>(control.kind).run(app, control.number);
  }
  ui.note(name);
}

void range_control(App& app, Ui& ui, const char* name, float width, const char* title) {
  const Control& control = control_named(name);
  const auto& range = std::get<Range>(control.kind);
  float value = range.value(app);
  ImGui::BeginDisabled(!control.is_enabled(app));
  if (slider(ui, title != nullptr ? title : control.label.c_str(), value, range.low, range.high,
             range.format, width, range.logarithmic)) {
    range.set(app, value);
  }
  ui.note(name);
  ImGui::EndDisabled();
}

void toggle_control(App& app, Ui& ui, const char* name) {
  const Control& control = control_named(name);
  const auto& toggle = std::get<Toggle>(control.kind);
  bool on = toggle.on(app);
  ImGui::BeginDisabled(!control.is_enabled(app));
  if (ImGui::Checkbox(control.label.c_str(), &on)) toggle.set(app, on);
  ui.note(name);
  ImGui::EndDisabled();
}

}  // namespace inoculate::page
