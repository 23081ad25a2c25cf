#include <algorithm>
#include <cmath>

#include "web/app/sentences.h"
#include "web/panels/attack_parts.h"
#include "web/panels/control_widgets.h"
#include "web/panels/widgets.h"
#include "web/texts/digits.h"

namespace inoculate::page {
namespace {

// What there is to do beside the sliders: for a live attack the search for the smallest epsilon,
// for one of the attacker's to stop it or to draw its random numbers anew.
void main_button(App& app, Ui& ui, float width) {
  const PageMethod& method = page_method(app.attack.method);
  if (method.live()) {
    press_control(app, ui, "smallest_epsilon", width, true);
  } else if (app.attacking()) {
    if (stop_button(app.attack_progress(), width)) app.cancel_attack();
    ui.note("cancel_attack");
  } else {
    press_control(app, ui, "attack_again", width, true);
  }
}

// What else can be done with the digit and the adversary, in a list that opens.
void more_files(App& app, Ui& ui) {
  ImGui::PushStyleColor(ImGuiCol_FrameBg, colors::kControl);
  if (ImGui::BeginCombo("##files", "", ImGuiComboFlags_NoPreview | ImGuiComboFlags_HeightLarge)) {
    for (const char* name : {"save_adversary_npy", "save_adversary_idx", "save_digit_png",
                             "save_digit_npy", "save_digit_idx", "ask_networks"}) {
      item_control(app, ui, name);
    }
    ImGui::EndCombo();
  }
  ImGui::PopStyleColor();
  ui.note("files");
}

void attack_buttons(App& app, Ui& ui) {
  const float gap = ImGui::GetStyle().ItemSpacing.x, list = ImGui::GetFrameHeight();
  const bool more = app.attack.method != kLineAttack;
  // The main button has half of the row, or, where the words beside it would not fit, all of one.
  const float half = ((ui.width - gap) / 2 - list - 2 * gap) / 2;
  const bool beside =
      more && half >= ImGui::CalcTextSize(texts::controls::save_adversary.label).x + ui.em(6);
  if (more) main_button(app, ui, beside ? (ui.width - gap) / 2 : ui.width);
  if (beside) ImGui::SameLine();
  const float each = beside ? half : (ui.width - list - 2 * gap) / 2;
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {0, ImGui::GetStyle().FramePadding.y});
  press_control(app, ui, "save_adversary", each);
  ImGui::SameLine();
  press_control(app, ui, "save_sheet", each);
  ImGui::PopStyleVar();
  ImGui::SameLine();
  more_files(app, ui);
}

}  // namespace

void draw_attack_panel(App& app, Ui& ui) {
  heading(ui, texts::attack::heading);
  attack_controls(app, ui);
  if (!app.outcome()) {
    muted(ui, app.refusal().empty() ? texts::attack::nothing_yet : app.refusal());
    ImGui::Dummy({ui.width, 1});
    return;
  }
  // What the screen has to spare goes to the curves; where there are none, to the guesses.
  const bool curve = page_method(app.attack.method).has_curve();
  const float higher = curve ? std::min(ui.attack_spare, std::floor(ui.em(90))) : 0;
  const Guesses least = guesses(ui, 0), now = guesses(ui, curve ? 0 : ui.attack_spare);
  attack_pictures(app, ui, now);
  if (app.attacked()) {
    colored(ui, app.outcome()->success ? colors::kAlarm : colors::kText,
            describe_attack(*app.outcome(), app.attack));
  } else {
    colored(ui, colors::kMuted,
            !app.refusal().empty() ? app.refusal()
            : app.attacking()      ? texts::attack::attacking
                                   : texts::attack::not_attacked);
  }
  ui.note("verdict");
  attack_buttons(app, ui);
  if (curve) attack_curves(app, ui, ui.em(104) + higher);
  networks_side_by_side(app, ui);
  muted(ui, page_method(app.attack.method).lesson);
  const float end = ImGui::GetItemRectMax().y - higher - (now.all() - least.all());
  // Whole pixels: or what ImGui rounds would never settle.
  ui.attack_spare = ui.stacked ? 0 : std::max(0.0F, std::floor(ui.foot - end));
}

}  // namespace inoculate::page
