#include <bit>
#include <string>
#include <utility>

#include "web/panels/attack_parts.h"
#include "web/panels/control_widgets.h"
#include "web/panels/widgets.h"
#include "web/texts/digits.h"

namespace inoculate::page {
namespace {

// The methods that follow the slider have buttons, in the order of the list; the others are a list
// that opens.
constexpr int kButtons = 3;

void method_choice(App& app, Ui& ui, float width) {
  const auto all = page_methods();
  const char* labels[kButtons];
  int chosen = -1;
  for (int i = 0; i < kButtons; ++i) {
    labels[i] = all[static_cast<std::size_t>(i)].title;
    if (app.attack.method == all[static_cast<std::size_t>(i)].name) chosen = i;
  }
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  const float list = (width - gap) * 0.46F;
  if (segmented(ui, "method", labels, chosen, width - gap - list)) {
    app.attack.method = all[static_cast<std::size_t>(chosen)].name;
  }
  ui.note("method");
  ImGui::SameLine();
  ImGui::SetNextItemWidth(list);
  ImGui::PushStyleColor(ImGuiCol_FrameBg, chosen < 0 ? colors::kChosen : colors::kControl);
  const char* shown = chosen < 0 ? page_method(app.attack.method).title : texts::attack::more;
  if (ImGui::BeginCombo("##more", shown, ImGuiComboFlags_HeightLarge)) {
    for (const PageMethod& method : all.subspan(kButtons)) {
      if (ImGui::Selectable(method.title, app.attack.method == method.name)) {
        app.attack.method = method.name;
      }
      ui.note((std::string("method_") + method.name).c_str());
    }
    ImGui::EndCombo();
  }
  ImGui::PopStyleColor();
  ui.note("more");
}

void method_and_target(App& app, Ui& ui) {
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  const bool own_row = ui.stacked || ui.width < ui.em(430);
  const float target = own_row ? ui.width : ui.em(150);
  method_choice(app, ui, own_row ? ui.width : ui.width - target - gap);
  if (!own_row) ImGui::SameLine();
  ImGui::SetNextItemWidth(target);
  if (ImGui::BeginCombo("##target",
                        app.attack.target ? texts::controls::towards(*app.attack.target).c_str()
                                          : texts::controls::any_wrong_digit,
                        ImGuiComboFlags_HeightLarge)) {
    if (ImGui::Selectable(texts::controls::any_wrong_digit, !app.attack.target))
      app.attack.target.reset();
    ui.note("target_any");
    for (int digit = 0; digit < kDigits; ++digit) {
      const bool own = app.reading() && digit == app.attacked_label();  // it is read so already
      if (ImGui::Selectable(texts::controls::towards(digit).c_str(), app.attack.target == digit,
                            own ? ImGuiSelectableFlags_Disabled : 0)) {
        app.attack.target = digit;
      }
      ui.note(("target_" + std::to_string(digit)).c_str());
    }
    ImGui::EndCombo();
  }
  ui.note("target");
}

void strength(App& app, Ui& ui) {
  if (app.attack.method == kLineAttack) {
    press_control(app, ui, "clear_line", 0);
    return;
  }
  const PageMethod& method = page_method(app.attack.method);
  const bool two = std::popcount(method.knobs) == 2;
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  const float width = two ? (ui.width - gap) / 2 : ui.width;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  bool first = true;
  constexpr std::pair<Knob, const char*> kKnobs[] = {{kEpsilonKnob, "epsilon"},
                                                     {kStepsKnob, "steps"},
                                                     {kQueriesKnob, "queries"},
                                                     {kPixelsKnob, "pixel_budget"}};
  for (const auto& [knob, name] : kKnobs) {
    if (!method.has(knob)) continue;
    if (!first) ImGui::SetCursorScreenPos({at.x + width + gap, at.y});
    first = false;
    ImGui::BeginGroup();
    const bool alone = knob == kEpsilonKnob && !two;
    range_control(app, ui, name, width, alone ? texts::controls::epsilon.full : nullptr);
    ImGui::EndGroup();
  }
  if (method.knobs == 0) muted(ui, texts::attack::no_strength);
}

}  // namespace

void attack_controls(App& app, Ui& ui) {
  method_and_target(app, ui);
  strength(app, ui);
}

}  // namespace inoculate::page
