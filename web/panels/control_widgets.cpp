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
  if (button(control.text.label, width, control.is_enabled(app), strong)) {
    std::get<Press>(control.kind).run(app, control.number);
  }
  ui.note(name);
}

void item_control(App& app, Ui& ui, const char* name) {
  const Control& control = control_named(name);
  const bool enabled = control.is_enabled(app);
  if (ImGui::Selectable(control.text.label, false, enabled ? 0 : ImGuiSelectableFlags_Disabled)) {
    std::get<Press>(control.kind).run(app, control.number);
  }
  ui.note(name);
}

bool shows(const App& app, const char* name) { return control_named(name).is_shown(app); }

void arrow_control(App& app, Ui& ui, const char* name, ImGuiDir direction) {
  const Control& control = control_named(name);
  ImGui::BeginDisabled(!control.is_enabled(app));
  if (ImGui::ArrowButton(name, direction)) std::get<Press>(control.kind).run(app, control.number);
  ImGui::EndDisabled();
  ui.note(name);
}

void bare_range_control(App& app, Ui& ui, const char* name, float width) {
  const auto& range = std::get<Range>(control_named(name).kind);
  float value = range.value(app);
  ImGui::PushID(name);
  ImGui::SetNextItemWidth(width);
  if (ImGui::SliderFloat("##value", &value, range.low, range.high_now(app), "",
                         ImGuiSliderFlags_AlwaysClamp | ImGuiSliderFlags_NoRoundToFormat)) {
    range.set(app, value);
  }
  ImGui::PopID();
  ui.note(name);
}

void range_control(App& app, Ui& ui, const char* name, float width, const char* title) {
  const Control& control = control_named(name);
  const auto& range = std::get<Range>(control.kind);
  float value = range.value(app);
  ImGui::BeginDisabled(!control.is_enabled(app));
  if (slider(ui, title != nullptr ? title : control.text.label, value, range.low,
             range.high_now(app), range.format, width, range.logarithmic)) {
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
  if (ImGui::Checkbox(control.text.label, &on)) toggle.set(app, on);
  ui.note(name);
  ImGui::EndDisabled();
}

}  // namespace inoculate::page
