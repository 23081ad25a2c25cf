#include "web/panels/attack_parts.h"
#include "web/panels/widgets.h"
#include "web/texts/digits.h"

namespace inoculate::page {
namespace {

// A reading in a few letters, calm where it is the label.
void short_reading(const App& app, const Reading& reading) {
  ImGui::PushStyleColor(ImGuiCol_Text,
                        reading.best() == app.attacked_label() ? colors::kCalm : colors::kAlarm);
  ImGui::Text("%d  %s", reading.best(), percent_text(reading.confidence()).c_str());
  ImGui::PopStyleColor();
}

}  // namespace

void networks_side_by_side(App& app, Ui& ui) {
  const std::size_t count = app.transferred().size();
  if (count < 2) return;
  const float transferred = ui.width * 0.36F, attacked = ui.width * 0.68F;  // columns
  const bool drawn = app.attack.method == kLineAttack;
  ImGui::PushFont(ui.fonts.small);
  ImGui::PushStyleColor(ImGuiCol_Text, colors::kMuted);
  ImGui::TextUnformatted(texts::attack::networks);
  ImGui::SameLine(transferred);
  ImGui::TextUnformatted(texts::attack::this_adversary);
  if (!drawn) {
    ImGui::SameLine(attacked);
    ImGui::TextUnformatted(texts::attack::attacked_itself);
  }
  ImGui::PopStyleColor();
  ImGui::PopFont();
  for (std::size_t i = 0; i < count; ++i) {
    ImGui::PushStyleColor(ImGuiCol_Text,
                          i == app.network_in_use() ? colors::kText : colors::kMuted);
    ImGui::TextUnformatted(app.network_title(i).c_str());
    ImGui::PopStyleColor();
    ImGui::SameLine(transferred);
    short_reading(app, app.transferred()[i]);
    if (drawn) continue;
    ImGui::SameLine(attacked);
    if (i == app.network_in_use() && app.attacked()) {
      short_reading(app, app.outcome()->adversary.reading);
    } else if (i < app.networks().size() && app.networks()[i].attacked) {
      short_reading(app, *app.networks()[i].attacked);
    } else {
      ImGui::TextUnformatted("...");
    }
  }
}

}  // namespace inoculate::page
