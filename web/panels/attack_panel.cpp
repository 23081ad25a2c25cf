#include <algorithm>
#include <array>
#include <cstdio>

#include "web/app/sentences.h"
#include "web/panels/panels.h"
#include "web/panels/widgets.h"

namespace inoculate::page {
namespace {

constexpr std::array<const char*, 3> kMethods = {"fgsm", "bim", kLineAttack};

void method_and_target(App& app, Ui& ui) {
  constexpr const char* kLabels[] = {"FGSM", "BIM", "Line"};
  const auto found = std::find(kMethods.begin(), kMethods.end(), app.attack.method);
  int chosen = static_cast<int>(found - kMethods.begin());
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  const float target = ui.stacked ? ui.width : ui.em(150);
  if (segmented(ui, "method", kLabels, chosen, ui.stacked ? ui.width : ui.width - target - gap)) {
    app.attack.method = kMethods[static_cast<std::size_t>(chosen)];
  }
  ui.note("method");
  if (!ui.stacked) ImGui::SameLine();
  ImGui::SetNextItemWidth(target);
  const auto name = [](int digit) { return "Towards " + std::to_string(digit); };
  if (ImGui::BeginCombo("##target",
                        app.attack.target ? name(*app.attack.target).c_str() : "Any wrong digit",
                        ImGuiComboFlags_HeightLarge)) {
    if (ImGui::Selectable("Any wrong digit", !app.attack.target)) app.attack.target.reset();
    ui.note("target_any");
    for (int digit = 0; digit < kDigits; ++digit) {
      if (ImGui::Selectable(name(digit).c_str(), app.attack.target == digit)) {
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
    if (button("Take the line away", 0, !app.attack.line.empty())) app.attack.line.clear();
    ui.note("clear_line");
    return;
  }
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  const bool iterated = app.attack.method == "bim";
  const float width = iterated ? (ui.width - gap) / 2 : ui.width;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::BeginGroup();
  slider(ui, iterated ? "Epsilon" : "Epsilon: the most that any pixel may change",
         app.attack.epsilon, 0, kLargestEpsilon, "%.3f", width);
  ui.note("epsilon");
  ImGui::EndGroup();
  if (!iterated) return;
  ImGui::SetCursorScreenPos({at.x + width + gap, at.y});
  ImGui::BeginGroup();
  slider(ui, "Steps", app.attack.steps, 1, kMostSteps, width);
  ui.note("steps");
  ImGui::EndGroup();
}

// How much the perturbation is amplified to be seen: a round factor.
float amplification(float largest_change) {
  for (const float factor : {1.0F, 2.0F, 3.0F, 5.0F, 10.0F, 20.0F, 50.0F}) {
    if (largest_change * factor >= 0.65F) return factor;
  }
  return 100;
}

// On the adversary a line can be drawn, whatever the method was: that makes it the line attack.
void draw_line_on(App& app, Ui& ui, ImVec2 at, float side) {
  if (app.attack.method != kLineAttack) return;
  const ImVec2 after = ImGui::GetCursorScreenPos();
  ImGui::SetCursorScreenPos(at);
  ImGui::InvisibleButton("line", {side, side});
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  const PadPoint point{std::clamp((mouse.x - at.x) / side, 0.0F, 1.0F),
                       std::clamp((mouse.y - at.y) / side, 0.0F, 1.0F)};
  if (ImGui::IsItemActivated()) {
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

void picture_column(App& app, Ui& ui, const Column& column, float side, float factor) {
  ImGui::BeginGroup();
  ImGui::PushFont(ui.fonts.small);
  ImGui::PushStyleColor(ImGuiCol_Text, colors::kMuted);
  ImGui::TextUnformatted(column.title.c_str());
  ImGui::PopStyleColor();
  ImGui::PopFont();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  if (column.from != nullptr) {
    draw_change(at, side, *column.from, *column.picture, factor);
  } else {
    draw_picture(at, side, *column.picture);
  }
  const bool wrong = column.reading != nullptr && column.reading->best() != app.attacked_label();
  ImGui::GetWindowDrawList()->AddRect(at, {at.x + side, at.y + side},
                                      wrong ? colors::kAlarm : colors::kPanelEdge, 0, 0,
                                      ui.em(wrong ? 2.0F : 1.0F));
  if (std::string(column.name) == "adversary") draw_line_on(app, ui, at, side);
  ImGui::Dummy({side, side});
  ui.note(column.name);
  if (column.reading != nullptr) {
    three_guesses(ui, *column.reading, app.attacked_label(), side);
  } else {
    ImGui::PushFont(ui.fonts.small);
    char text[64];
    std::snprintf(text, sizeof text, "L-inf %.3f\nL2 %.2f",
                  static_cast<double>(app.outcome()->largest_change),
                  static_cast<double>(app.outcome()->l2));
    ImGui::TextUnformatted(text);
    ImGui::PopFont();
  }
  ImGui::EndGroup();
}

void pictures(App& app, Ui& ui) {
  const AttackOutcome& o = *app.outcome();
  const float factor = amplification(o.largest_change);
  char change[32];
  std::snprintf(change, sizeof change, "Change \xC3\x97 %.0f", static_cast<double>(factor));
  const Column columns[] = {
      {"original", "Original", nullptr, &o.original.pixels, &o.original.reading},
      {"perturbation", change, &o.original.pixels, &o.adversary.pixels, nullptr},
      {"adversary", "Adversary", nullptr, &o.adversary.pixels, &o.adversary.reading},
      {"noise", "Random noise", nullptr, &o.noise.pixels, &o.noise.reading}};
  const int in_row = ui.stacked ? 2 : 4;
  const float gap = ui.em(12);
  const float side = (ui.width - gap * static_cast<float>(in_row - 1)) / static_cast<float>(in_row);
  for (int i = 0; i < 4; ++i) {
    if (i % in_row != 0) ImGui::SameLine(0, gap);
    picture_column(app, ui, columns[i], side, factor);
  }
}

void attack_buttons(App& app, Ui& ui) {
  const bool gradient = app.attack.method != kLineAttack;
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  const float half = (ui.width - gap) / 2;
  const float quarter = (ui.width - 3 * gap) / 4;
  if (gradient) {
    if (button("Smallest epsilon that fools it", ui.stacked ? ui.width : half, true, true)) {
      app.find_smallest_epsilon();
    }
    ui.note("smallest_epsilon");
    if (!ui.stacked) ImGui::SameLine();
  }
  const float each = gradient && !ui.stacked ? quarter : half;
  if (button("Save picture", each)) app.save_adversary();
  ui.note("save_adversary");
  ImGui::SameLine();
  if (button("Save sheet", each)) app.save_sheet();
  ui.note("save_sheet");
}

void sweep_chart(App& app, Ui& ui) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const ImVec2 size{ui.width, ui.em(112)};
  Chart chart;
  chart.x_max = kLargestEpsilon;
  chart.x_ticks = {{0, "0"},      {0.1F, "0.1"}, {0.2F, "0.2"},
                   {0.3F, "0.3"}, {0.4F, "0.4"}, {0.5F, "0.5"}};
  chart.marker = app.attack.epsilon;
  if (app.sweep()) {
    const EpsilonSweep& sweep = *app.sweep();
    const int label = app.attacked_label();
    const auto& ranking = app.outcome()->adversary.reading.ranking;
    const int other = app.attack.target.value_or(ranking[0] != label ? ranking[0] : ranking[1]);
    for (int digit = 0; digit < kDigits; ++digit) {
      ChartLine line;
      const bool leads = digit == label || digit == other;
      line.color = digit == label   ? colors::kCalm
                   : digit == other ? colors::kAlarm
                                    : colors::kFaint;
      line.thickness = leads ? 2.5F : 1;
      line.x = sweep.epsilons;
      for (const Reading& reading : sweep.readings) line.y.push_back(reading.probability(digit));
      if (leads) line.name = "read as " + std::to_string(digit);
      chart.lines.push_back(std::move(line));
    }
    // The two that matter lie over the others.
    std::stable_partition(chart.lines.begin(), chart.lines.end(),
                          [](const ChartLine& line) { return line.name.empty(); });
  }
  draw_chart(ui, chart, at, size);
  ImGui::InvisibleButton("sweep", size);
  ui.note("sweep");
  if (ImGui::IsItemActive()) {
    const float left = at.x + ui.em(44), right = at.x + size.x - ui.em(6);
    const float share = (ImGui::GetIO().MousePos.x - left) / (right - left);
    app.attack.epsilon = kLargestEpsilon * std::clamp(share, 0.0F, 1.0F);
  }
}

// The same adversary as each network reads it: does it transfer?
void other_networks(App& app, Ui& ui) {
  const auto& list = app.models().list();
  if (app.other_readings().size() != list.size() || list.size() < 2) return;
  muted(ui, "The same adversary, read by the others:");
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i == app.models().chosen() && !app.models().inoculated()) continue;
    const Reading& reading = app.other_readings()[i];
    ImGui::PushStyleColor(ImGuiCol_Text,
                          reading.best() == app.attacked_label() ? colors::kCalm : colors::kAlarm);
    ImGui::Text("%d  %s", reading.best(), percent_text(reading.confidence()).c_str());
    ImGui::PopStyleColor();
    ImGui::SameLine(0, ui.em(12));
    ImGui::TextUnformatted(list[i].title.c_str());
  }
}

const char* lesson(const std::string& method) {
  if (method == "fgsm") {
    return "The gradient of the loss says for each pixel whether more or less ink makes the "
           "network "
           "less sure. FGSM keeps only its sign and moves every pixel by epsilon that way. Noise "
           "of "
           "the same size does far less: the direction matters, not the amount.";
  }
  if (method == "bim") {
    return "The basic iterative method takes many small steps, each along the sign of the gradient "
           "at the place it has reached, and never leaves the epsilon around the original. It "
           "needs less than one large step.";
  }
  return "No gradient is needed to mislead: draw a straight line through the adversary by hand. "
         "Some "
         "lines do nothing, others turn one digit into another for the network alone.";
}

}  // namespace

void draw_attack_panel(App& app, Ui& ui) {
  heading(ui, "2   Attack it");
  method_and_target(app, ui);
  strength(app, ui);
  if (!app.outcome()) {
    muted(ui, "Draw a digit or take one, and it is attacked here as you go.");
    ImGui::Dummy({ui.width, 1});
    return;
  }
  pictures(app, ui);
  const bool fooled = app.outcome()->success;
  colored(ui, fooled ? colors::kAlarm : colors::kText, describe_attack(*app.outcome(), app.attack));
  ui.note("verdict");
  attack_buttons(app, ui);
  if (app.attack.method != kLineAttack) sweep_chart(app, ui);
  other_networks(app, ui);
  muted(ui, lesson(app.attack.method));
}

}  // namespace inoculate::page
