#include <algorithm>
#include <cmath>
#include <string>

#include "web/panels/attack_parts.h"
#include "web/panels/widgets.h"
#include "web/texts/digits.h"

namespace inoculate::page {
namespace {

// How much the perturbation is amplified to be seen: a round factor.
float amplification(float largest_change) {
  for (const float factor : {1.0F, 2.0F, 3.0F, 5.0F, 10.0F, 20.0F, 50.0F}) {
    if (largest_change * factor >= 0.65F) return factor;
  }
  return 100;
}

// The line attack is drawn on the adversary itself.
void draw_line_on(App& app, Ui& ui, ImVec2 at, float side) {
  if (app.attack.method != kLineAttack) return;
  const ImVec2 after = ImGui::GetCursorScreenPos();
  ImGui::SetCursorScreenPos(at);
  ImGui::InvisibleButton("line", {side, side});
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  const PadPoint point{std::clamp((mouse.x - at.x) / side, 0.0F, 1.0F),
                       std::clamp((mouse.y - at.y) / side, 0.0F, 1.0F)};
  if (ImGui::IsItemActivated() && app.attack.line.size() >= kMostStrokes) {
    app.tell_no_more_ink();
  } else if (ImGui::IsItemActivated()) {
    app.attack.line.push_back({{point, point}, app.pen.radius / 2, app.pen.erase});
    ui.drawing_line = true;
  } else if (ui.drawing_line && ImGui::IsItemActive() && !app.attack.line.empty()) {
    app.attack.line.back().points.back() = point;  // straight, from where it began to here
  } else {
    ui.drawing_line = false;
  }
  ImGui::SetCursorScreenPos(after);
}

struct Column {
  const char* name;  // for the layout
  std::string title;
  const Picture* from = nullptr;  // to show the change from it
  const Picture* picture = nullptr;
  const Reading* reading = nullptr;
};

void picture_column(App& app, Ui& ui, const Column& column, float side, float factor,
                    const Guesses& guesses) {
  ImGui::BeginGroup();
  ImGui::PushFont(ui.fonts.small);
  ImGui::PushStyleColor(ImGuiCol_Text, colors::kMuted);
  ImGui::TextUnformatted(column.title.c_str());
  ImGui::PopStyleColor();
  ImGui::PopFont();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  if (column.from != nullptr) {
    draw_change(ui, at, side, *column.from, *column.picture, factor);
  } else {
    draw_greys(ui, at, side, *column.picture);
  }
  const bool wrong = column.reading != nullptr && column.reading->best() != app.attacked_label();
  ImGui::GetWindowDrawList()->AddRect(at, {at.x + side, at.y + side},
                                      wrong ? colors::kAlarm : colors::kPanelEdge, 0, 0,
                                      ui.em(wrong ? 2.0F : 1.0F));
  if (std::string(column.name) == "adversary") draw_line_on(app, ui, at, side);
  ImGui::Dummy({side, side});
  ui.note(column.name);
  if (column.reading != nullptr) {
    best_guesses(ui, *column.reading, app.attacked_label(), guesses.count, {side, guesses.height});
  } else {
    ImGui::PushFont(ui.fonts.small);
    const AttackOutcome& o = *app.outcome();
    std::string text = texts::attack::size(o.largest_change, o.l2);
    if (page_method(app.attack.method).norm == Norm::kL0) {
      text += "\n" + texts::attack::pixels(o.pixels_changed);
    }
    if (o.calls.forward > 1) {
      text += "\n" + texts::attack::queries(o.calls.forward);
    } else if (o.calls.forward == 0 && o.calls.gradient > 1) {
      text += "\n" + texts::attack::gradients(o.calls.gradient);
    }
    ImGui::TextUnformatted(text.c_str());
    ImGui::PopFont();
  }
  ImGui::EndGroup();
}

}  // namespace

float Guesses::all() const {
  return static_cast<float>(count) * (height + ImGui::GetStyle().ItemSpacing.y);
}

Guesses guesses(const Ui& ui, float spare) {
  const Guesses least{3, std::ceil(ui.em(19))};
  constexpr int kMore = 5;
  const float each = (least.all() + spare) / kMore - ImGui::GetStyle().ItemSpacing.y;
  return each < least.height ? least : Guesses{kMore, std::floor(std::min(each, ui.em(26)))};
}

void attack_pictures(App& app, Ui& ui, const Guesses& guesses) {
  const AttackOutcome& o = *app.outcome();
  const float factor = amplification(o.largest_change);
  const Column columns[] = {
      {"original", texts::attack::original, nullptr, &o.original.pixels, &o.original.reading},
      {"perturbation", texts::attack::change(factor), &o.original.pixels, &o.adversary.pixels,
       nullptr},
      {"adversary", texts::attack::adversary, nullptr, &o.adversary.pixels, &o.adversary.reading},
      {"noise", texts::attack::noise, nullptr, &o.noise.pixels, &o.noise.reading}};
  const int in_row = ui.width < ui.em(400) ? 2 : 4;
  const float gap = ui.em(12);
  const float side = (ui.width - gap * static_cast<float>(in_row - 1)) / static_cast<float>(in_row);
  for (int i = 0; i < 4; ++i) {
    if (i % in_row != 0) ImGui::SameLine(0, gap);
    picture_column(app, ui, columns[i], side, factor, guesses);
  }
}

}  // namespace inoculate::page
